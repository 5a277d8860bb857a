-- After Quarto's own filters: what its formats leave out of a table, a picture and a box.

-- Our template is no Bootstrap page, where Quarto writes boxes as quotations: `platform.lua` hid their class.
local function box(div)
  local kind
  div.classes = div.classes:map(function(class)
    kind = kind or class:match("^house%-box%-(.+)")
    return (class:gsub("^house%-box%-", "callout-"))
  end)
  if kind then div.classes:insert(1, "callout") end
  return kind and div or nil
end

local function named(div, name, style)
  if FORMAT:match("typst") then
    return { pandoc.RawBlock("typst", "#" .. name .. "["), div, pandoc.RawBlock("typst", "]") }
  elseif FORMAT:match("docx") and style then
    div.attributes["custom-style"] = style
    return div
  end
end

return {
  {
    -- The first column of a table heads its rows.
    Table = function(tbl)
      local first = tbl.colspecs[1] and tbl.colspecs[1][1]
      if #tbl.colspecs < 2 or #tbl.head.rows == 0 or first == "AlignRight" then return nil end
      for _, body in ipairs(tbl.bodies) do body.row_head_columns = 1 end
      return tbl
    end,
    Div = function(div)
      if div.classes:includes("table-note") then return named(div, "table-note", "Table Note") end
      if div.classes:includes("lead") then return named(div, "lead") end
      return box(div)
    end,
    Span = function(span)
      if not span.classes:includes("big-number") then return nil end
      if FORMAT:match("typst") then
        return { pandoc.RawInline("typst", "#big-number["), span, pandoc.RawInline("typst", "]") }
      end
      span.attributes["custom-style"] = "Big Number"
      return span
    end,
    -- A file that is handed on has no other files beside it.
    Link = function(link)
      local inside = link.target:match("^#") or link.target:match("^%a[%w+.-]*:")
      return not inside and not FORMAT:match("html") and link.content or nil
    end,
    -- Word reads a picture's alternative text where pandoc has its caption.
    Image = function(image)
      local alt = image.attributes["fig-alt"] or image.attributes.alt
      if alt and FORMAT:match("docx") then
        image.caption = pandoc.Inlines(alt)
        return image
      end
    end,
  },
}
