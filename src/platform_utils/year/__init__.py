"""A new year in one sitting: what the machine does each time, and what only people can decide."""

from platform_utils.year.feedback import Feedback, give_feedback, write_feedback
from platform_utils.year.prepare import draft_reminders, list_members, write_checks, write_forms
from platform_utils.year.routine import Routine, load_steps, written_routine
