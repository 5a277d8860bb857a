"""Workbooks in: the returns that members send, and files of others."""

from platform_utils.returns.application import keep_application, read_application
from platform_utils.returns.column_maps import column_map, latest_form
from platform_utils.returns.crosswalk_read import Tally, read_answers
from platform_utils.returns.import_cases import Imported, import_cases, open_imported
from platform_utils.returns.last_year import beside_last_year
from platform_utils.returns.read import read_return, read_year
from platform_utils.returns.receipts import Receipt, load_members, load_receipts, missing_members
from platform_utils.returns.receive import receive
from platform_utils.returns.reduced import reduce_return
