--- The three signals above each scored test, as virtual text that moves along with the code.
---
--- Not vim.lsp.codelens: in 0.11 that one drops the text of a line as soon as the line is edited, and does not know
--- when the server has something newer.

local M = {}

local namespace = vim.api.nvim_create_namespace('runfree.lens')
-- LspCodeLens is too faint to read in Neovim's own colours.
vim.api.nvim_set_hl(0, 'RunfreeLens', { link = 'Comment', default = true })
-- Rest after a keystroke before the lenses are asked for; the server answers at once with what it knows.
local REST_MS = 100

---@class runfree.BufferState
---@field client_id integer
---@field marks table<integer, lsp.CodeLens> extmark id -> the lens it shows
---@field timer? uv.uv_timer_t

---@type table<integer, runfree.BufferState> by buffer
local states = {}

---@param bufnr integer
---@param lens lsp.CodeLens
---@return integer extmark
local function draw(bufnr, lens)
  local row = math.min(lens.range.start.line, vim.api.nvim_buf_line_count(bufnr) - 1)
  local text = { { lens.command and lens.command.title or '', 'RunfreeLens' } }
  -- Nothing can be drawn above the first line of a window's first buffer line.
  if require('runfree.options').get().lens == 'eol' or row == 0 then
    return vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, { virt_text = text, hl_mode = 'combine' })
  end
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
  local indent = line:match('^%s*')
  table.insert(text, 1, { (' '):rep(vim.fn.strdisplaywidth(indent)), 'RunfreeLens' })
  return vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, { virt_lines = { text }, virt_lines_above = true })
end

---@param bufnr integer
---@param lenses lsp.CodeLens[]
local function show(bufnr, lenses)
  local state = states[bufnr]
  if not state or not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  state.marks = {}
  for _, lens in ipairs(lenses) do
    state.marks[draw(bufnr, lens)] = lens
  end
end

--- Asks the server and draws its answer; until then the old ones stay.
---@param bufnr integer
function M.refresh(bufnr)
  local state = states[bufnr]
  local client = state and vim.lsp.get_client_by_id(state.client_id)
  if not client or not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  local version = vim.lsp.util.buf_versions[bufnr]
  client:request('textDocument/codeLens', params, function(err, result)
    -- A newer text has its own request on the way.
    if not err and vim.lsp.util.buf_versions[bufnr] == version then
      show(bufnr, result or {})
    end
  end, bufnr)
end

--- The server has something newer.
---@param client_id integer
function M.refresh_all(client_id)
  for bufnr, state in pairs(states) do
    if state.client_id == client_id then
      M.refresh(bufnr)
    end
  end
end

---@param bufnr integer
local function refresh_soon(bufnr)
  local state = states[bufnr]
  if not state then
    return
  end
  state.timer = state.timer or assert(vim.uv.new_timer())
  state.timer:start(
    REST_MS,
    0,
    vim.schedule_wrap(function()
      M.refresh(bufnr)
    end)
  )
end

---@param bufnr integer
local function detach(bufnr)
  local state = states[bufnr]
  states[bufnr] = nil
  if state and state.timer then
    state.timer:close()
  end
  if vim.api.nvim_buf_is_loaded(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

---@param client_id integer
---@param bufnr integer
function M.attach(client_id, bufnr)
  -- A restarted server takes over the buffer with the old text still shown.
  local known = states[bufnr]
  states[bufnr] = { client_id = client_id, marks = known and known.marks or {}, timer = known and known.timer }
  local group = vim.api.nvim_create_augroup('runfree.lens.' .. bufnr, {})
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'InsertLeave' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      refresh_soon(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd({ 'BufUnload' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      detach(bufnr)
    end,
  })
  M.refresh(bufnr)
end

--- The lenses shown in a buffer with the rows (0-based) that they are at by now, in order.
---@param bufnr integer
---@return { row: integer, lens: lsp.CodeLens }[]
function M.get(bufnr)
  local state = states[bufnr]
  local result = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(bufnr, namespace, 0, -1, {})) do
    local lens = state and state.marks[mark[1]]
    if lens then
      table.insert(result, { row = mark[2], lens = lens })
    end
  end
  return result
end

return M
