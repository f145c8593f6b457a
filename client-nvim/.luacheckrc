std = "luajit"
read_globals = { "vim" }
globals = { "vim.g", "vim.bo", "vim.o" }
max_line_length = 130
