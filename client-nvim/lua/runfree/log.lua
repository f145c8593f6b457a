--- The last lines that the server has logged, in a window.

local M = {}

local KEPT = 2000
local NAMES = { 'error', 'warning', 'info', 'log', 'debug' }

---@type string[]
local lines = {}

---@param params lsp.LogMessageParams
function M.add(params)
  for _, text in ipairs(vim.split(params.message, '\n')) do
    table.insert(lines, ('%s %-7s %s'):format(os.date('%H:%M:%S'), NAMES[params.type] or '', text))
  end
  if #lines > KEPT then
    lines = vim.list_slice(lines, #lines - KEPT + 1)
  end
end

--- Opens the log in a split. What the server wrote to its standard error is in Neovim's own log, whose path is shown.
function M.open()
  local bufnr = vim.api.nvim_create_buf(false, true)
  local program = require('runfree.client').program()
  local head = { 'server: ' .. program, 'its standard error: ' .. vim.lsp.get_log_path(), '' }
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, vim.list_extend(head, lines))
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].filetype = 'runfree-log'
  vim.cmd.split()
  vim.api.nvim_win_set_buf(0, bufnr)
  vim.cmd.normal({ 'G', bang = true })
end

return M
