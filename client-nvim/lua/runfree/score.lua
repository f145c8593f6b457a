--- Scores a file or the workspace, shows how far it is, and lists what was found.

local client = require('runfree.client')
local tell = require('runfree.tell')

local M = {}

---@class runfree.Scan work of the server that can be cancelled
---@field client_id integer
---@field token lsp.ProgressToken

---@type runfree.Scan?
local scan

---@param number integer
---@param noun string
---@return string
local function count(number, noun)
  return ('%d %s%s'):format(number, noun, number == 1 and '' or 's')
end

--- Scores the tests of the current buffer now, also where `run` is "onSave".
function M.file()
  client.ask('runfree.scoreFile', { vim.uri_from_bufnr(0) }, function(answer)
    if answer.skipped ~= '' then
      tell.tell('not scored: ' .. answer.skipped)
    else
      tell.tell(('%s scored, %s. Nothing was run.'):format(count(answer.tests, 'test'), count(answer.findings, 'finding')))
    end
  end)
end

--- Scores all test files; findings go to the quickfix list.
---@param stop boolean Stops the scan that is under way instead.
function M.workspace(stop)
  if stop then
    M.cancel()
    return
  end
  client.ask('runfree.scoreWorkspace', {}, function(answer)
    tell.tell(
      ('%s%s in %s, %s. Nothing was run.'):format(
        answer.cancelled and 'cancelled after ' or '',
        count(answer.tests, 'test'),
        count(answer.files, 'file'),
        count(answer.findings, 'finding')
      )
    )
    if answer.findings > 0 then
      M.list()
    end
  end)
end

--- Puts the findings of all files into the quickfix list and opens it.
function M.list()
  local running = client.get()
  if running then
    local namespace = vim.lsp.diagnostic.get_namespace(running.id, false)
    vim.diagnostic.setqflist({ namespace = namespace, title = 'runfree' })
  end
end

--- Stops the scan that is under way.
function M.cancel()
  local running = scan and vim.lsp.get_client_by_id(scan.client_id)
  if scan and running then
    running:notify('window/workDoneProgress/cancel', { token = scan.token })
  else
    tell.tell('no scan is under way')
  end
end

--- Echoes the progress of work that can be cancelled.
---@param running vim.lsp.Client
---@param params lsp.ProgressParams
function M.progress(running, params)
  local value = params.value
  if value.kind == 'begin' and value.cancellable then
    scan = { client_id = running.id, token = params.token }
  elseif not scan or scan.token ~= params.token then
    return
  elseif value.kind == 'end' then
    scan = nil
  elseif require('runfree.options').get().progress then
    local text = ('runfree: %s%% %s'):format(value.percentage or 0, value.message or '')
    vim.api.nvim_echo({ { text:sub(1, math.max(vim.o.columns - 15, 20)) } }, false, {})
  end
end

return M
