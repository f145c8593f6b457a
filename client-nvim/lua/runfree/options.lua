--- What the user has put into vim.g.runfree, with the defaults filled in.

local M = {}

---@class runfree.Options
---@field lens 'above'|'eol'|false Where the three signals of a test are shown; false leaves them to vim.lsp.codelens.
---@field virtual_text boolean Whether findings are also shown as text at the end of their line.
---@field progress boolean Whether the progress of a workspace scan is echoed.

---@type runfree.Options
local defaults = { lens = 'above', virtual_text = true, progress = true }

---@return runfree.Options
function M.get()
  local given = vim.g.runfree
  if given ~= nil and type(given) ~= 'table' then
    error('vim.g.runfree must be a table (see :help runfree-options)', 0)
  end
  local options = vim.tbl_extend('force', defaults, given or {})
  for name, value in pairs(options) do
    if defaults[name] == nil then
      error(('vim.g.runfree.%s: no such option (see :help runfree-options)'):format(name), 0)
    end
    local good = type(value) == 'boolean' or (name == 'lens' and (value == 'above' or value == 'eol'))
    if not good or (name == 'lens' and value == true) then
      error(('vim.g.runfree.%s: %s is not possible (see :help runfree-options)'):format(name, vim.inspect(value)), 0)
    end
  end
  return options
end

return M
