--- The explanation of a prediction in a floating window.

local client = require('runfree.client')
local tell = require('runfree.tell')

local M = {}

--- Names of the scored tests of a buffer with the rows (0-based) of their lenses, in order of the rows.
---@param bufnr integer
---@return { row: integer, name: string }[]
local function tests(bufnr)
  local shown = require('runfree.lens').get(bufnr)
  if #shown == 0 then -- the user has left the display to vim.lsp.codelens
    shown = vim.tbl_map(function(lens)
      return { row = lens.range.start.line, lens = lens }
    end, vim.lsp.codelens.get(bufnr))
  end
  local result = {}
  for _, item in ipairs(shown) do
    local command = item.lens.command
    if command and command.command == 'runfree.explain' and command.arguments[2] ~= '' then
      table.insert(result, { row = item.row, name = command.arguments[2] })
    end
  end
  table.sort(result, function(a, b)
    return a.row < b.row
  end)
  return result
end

--- Explains the scored test that the cursor is in.
function M.at_cursor()
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local found ---@type string?
  for _, test in ipairs(tests(vim.api.nvim_get_current_buf())) do
    if test.row <= row then
      found = test.name
    end
  end
  if not found then
    tell.tell('put the cursor into a scored test first')
    return
  end
  M.show(vim.uri_from_bufnr(0), found)
end

---@param uri string
---@param name string
function M.show(uri, name)
  client.ask('runfree.explain', { uri, name }, function(answer)
    local lines = vim.split(answer.markdown, '\n')
    vim.lsp.util.open_floating_preview(lines, 'markdown', { border = 'rounded', focus_id = 'runfree.explain', max_width = 100 })
  end)
end

return M
