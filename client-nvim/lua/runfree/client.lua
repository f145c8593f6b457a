--- The server's life: attached, ended, restarted, missing.

local tell = require('runfree.tell')

local M = {}

---@class runfree.Status
---@field state 'loading'|'ready'|'predicting'|'failed'
---@field model string Name, version and hash of the model; '' while it is not loaded.
---@field problem string In plain words; '' unless the state is 'failed'.

---@type table<integer, runfree.Status> by client id
local statuses = {}

-- Restarts after a crash: doubled waits, and given up after so many within so long.
local FIRST_WAIT_MS, MOST_DEATHS, WINDOW_MS = 500, 5, 300000
---@type integer[] when the server died, in milliseconds of vim.uv.now()
local deaths = {}
---@type table<integer, true> ids of clients that the user has stopped
local stopped = {}

--- The running client for a buffer, or any if the buffer has none.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.get(bufnr)
  return vim.lsp.get_clients({ name = 'runfree', bufnr = bufnr or 0 })[1] or vim.lsp.get_clients({ name = 'runfree' })[1]
end

--- Asks the server to carry out one of its commands; says so if it cannot.
---@param name string
---@param arguments any[]
---@param done fun(result: any)
function M.ask(name, arguments, done)
  local client = M.get()
  if not client then
    tell.tell('the server is not running here (see :checkhealth runfree)', vim.log.levels.WARN)
    return
  end
  client:request('workspace/executeCommand', { command = name, arguments = arguments }, function(err, result)
    if err then
      tell.tell(err.message, vim.log.levels.ERROR)
    elseif result ~= nil and result ~= vim.NIL then
      done(result)
    end
  end)
end

--- For a status line: '' where no server is attached, else e.g. 'runfree ready'.
---@return string
function M.statusline()
  local client = vim.lsp.get_clients({ name = 'runfree', bufnr = 0 })[1]
  if not client then
    return ''
  end
  local status = statuses[client.id]
  return 'runfree ' .. (status and status.state or 'starting')
end

---@param client_id integer
---@return runfree.Status?
function M.status(client_id)
  return statuses[client_id]
end

---@param client_id integer
---@param status runfree.Status
function M.status_changed(client_id, status)
  statuses[client_id] = status
  vim.cmd.redrawstatus()
end

--- A finding's text at the end of its line: without the number that its lens shows already, so that the reason fits.
---@param finding vim.Diagnostic
---@return string
local function without_number(finding)
  return (finding.message:gsub('^([^:]*: )predicted to pass %S+ ', '%1', 1))
end

---@param client vim.lsp.Client
---@param bufnr integer
function M.attached(client, bufnr)
  local options = require('runfree.options').get()
  if options.lens then
    require('runfree.lens').attach(client.id, bufnr)
  end
  local namespace = vim.lsp.diagnostic.get_namespace(client.id, false)
  local shown = { spacing = 2, format = options.lens and without_number or nil }
  vim.diagnostic.config({ virtual_text = options.virtual_text and shown or false }, namespace)
end

--- Called by Neovim when the server's process has ended.
---@param code integer
---@param signal integer
---@param client_id integer
function M.ended(code, signal, client_id)
  statuses[client_id] = nil
  if stopped[client_id] or vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) then
    stopped[client_id] = nil
    return
  end
  local now = vim.uv.now()
  deaths = vim.tbl_filter(function(death)
    return now - death < WINDOW_MS
  end, deaths)
  table.insert(deaths, now)
  local how = signal ~= 0 and ('signal ' .. signal) or ('exit status ' .. code)
  vim.schedule(function()
    require('runfree.log').add({ type = 1, message = ('the server ended (%s)'):format(how) })
    if #deaths >= MOST_DEATHS then
      tell.tell(('the server keeps ending (%s); see :RunfreeLog, then :RunfreeRestart'):format(how), vim.log.levels.ERROR)
      return
    end
    vim.defer_fn(M.start, FIRST_WAIT_MS * 2 ^ (#deaths - 1))
  end)
end

--- Attaches a server to all open buffers that want one.
function M.start()
  vim.lsp.enable('runfree')
end

--- Stops the server and starts it anew, with the settings of now.
function M.restart()
  deaths = {}
  local clients = vim.lsp.get_clients({ name = 'runfree' })
  for _, client in ipairs(clients) do
    stopped[client.id] = true
    client:stop()
  end
  vim.wait(3000, function()
    return #vim.lsp.get_clients({ name = 'runfree' }) == 0
  end, 20)
  for _, client in ipairs(vim.lsp.get_clients({ name = 'runfree' })) do
    client:stop(true)
  end
  M.start()
end

--- The program that the configuration names, and whether it can be run.
---@return string program
---@return boolean found
function M.program()
  local config = vim.lsp.config.runfree
  local cmd = config and config.cmd
  if type(cmd) ~= 'table' then
    return 'a function', true
  end
  return cmd[1], vim.fn.executable(cmd[1]) == 1
end

--- Neovim itself only writes a line to its log when the program is not there.
---@param bufnr integer
function M.tell_if_missing(bufnr)
  if vim.bo[bufnr].buftype ~= '' or not (vim.lsp.is_enabled and vim.lsp.is_enabled('runfree')) then
    return
  end
  local program, found = M.program()
  if not found then
    tell.once(
      ('the server %q was not found. Install it (see :help runfree-setup) or set cmd; :checkhealth runfree tells more'):format(
        program
      ),
      vim.log.levels.WARN
    )
  end
end

return M
