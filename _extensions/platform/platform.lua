-- Before Quarto's own filters: what the executed document says of itself becomes metadata.
-- A cell that prints `::: {.document-says title="…" mark="…" name="…"}` sets the title (with its year), the
-- mark that runs over every page, and the name that the files are kept under; `author` whose the document is.

local function text(value) return value and pandoc.utils.stringify(value) or "" end

local function typst(value)
  return pandoc.RawInline("typst", '"' .. text(value):gsub('[\\"]', "\\%0") .. '"')
end

-- What the Typst template wants as texts without markup.
local function typst_strings(meta, lang)
  local authors = meta.author or {}
  if pandoc.utils.type(authors) ~= "List" then authors = pandoc.List({ authors }) end
  return {
    title = typst(meta.title),
    mark = typst(meta["running-mark"]),
    name = typst(meta["document-name"]),
    lang = typst(lang),
    page = typst(meta.words.page),
    of = typst(meta.words.of),
    authors = typst(table.concat(authors:map(text), ", ")),
  }
end

-- In HTML Quarto would make a quotation of a box: it does not see ours, and platform-last.lua names it again.
local function hidden_box(div, words)
  local name = div.classes:find_if(function(class) return class:match("^callout%-") end)
  if not name then return nil end
  local first, kind = div.content[1], name:match("^callout%-(.+)")
  local title = pandoc.Inlines(div.attributes.title or text(words[kind]))
  if first and first.t == "Header" then
    title = first.content
    div.content:remove(1)
  end
  div.classes = pandoc.List({ "house-box-" .. kind })
  div.attributes = {}
  div.content:insert(1, pandoc.Div(pandoc.Plain(title), { class = "callout-title-container" }))
  return div
end

function Pandoc(doc)
  local meta = doc.meta
  local lang = (meta.lang and text(meta.lang) or "en"):sub(1, 2)
  local words = meta["house-words"] or {}
  words = words[lang] or words.en or {}
  meta.words, meta["house-words"] = words, nil
  -- A notebook says nothing of itself: the project tells whose figures it shows.
  if quarto.doc.input_file:match("%.ipynb$") and text(meta["notebook-mark"]) ~= "" then
    meta["running-mark"] = meta["notebook-mark"]
  end
  doc = doc:walk({
    Div = function(div)
      if not div.classes:includes("document-says") then
        return FORMAT:match("html") and hidden_box(div, words) or nil
      end
      local said = div.attributes
      if said.title then meta.title = pandoc.MetaInlines(pandoc.Inlines(said.title)) end
      if said.author then meta.author = pandoc.MetaInlines(pandoc.Inlines(said.author)) end
      if said.mark then meta["running-mark"] = said.mark end
      if said.name then meta["document-name"] = said.name end
      return {}
    end,
  })
  if FORMAT:match("typst") then meta["typst-strings"] = typst_strings(meta, lang) end
  doc.meta = meta
  return doc
end
