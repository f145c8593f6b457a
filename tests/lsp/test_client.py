"""What is read off an editor's introduction."""

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from runfree.lsp.client import read_client


def introduced(capabilities, options=None):
    return read_client(types.InitializeParams(capabilities=capabilities, initialization_options=options))


def test_an_editor_that_says_nothing_can_do_nothing():
    client = introduced(types.ClientCapabilities())
    assert not any(
        (client.pulls, client.refreshes_lenses, client.configuration, client.progress, client.explains)
    )
    assert client.encoding == "utf-16"
    assert client.markdown_hover


def test_pulling_needs_that_the_editor_can_be_told_to_pull_again():
    neovim = client_capabilities("neovim@v0.11")
    assert neovim.text_document.diagnostic is not None
    assert not introduced(neovim).pulls
    neovim.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    assert introduced(neovim).pulls


def test_the_editors_abilities():
    code, neovim = (
        introduced(client_capabilities("visual-studio-code")),
        introduced(client_capabilities("neovim@v0.11")),
    )
    assert (code.refreshes_lenses, neovim.refreshes_lenses) == (True, False)
    assert (code.registers_watchers, neovim.registers_watchers) == (True, False)
    assert (code.encoding, neovim.encoding) == ("utf-16", "utf-8")
    assert code.progress
    assert neovim.shows_documents


@pytest.mark.parametrize("options", [None, [], "text", {"explain": True, "status": "yes", "settings": []}])
def test_odd_options_mean_nothing(options):
    client = introduced(types.ClientCapabilities(), options)
    assert (client.explains, client.status, client.setting_command, client.initial_settings) == (
        False,
        False,
        "",
        None,
    )


def test_options():
    options = {"explain": "client", "status": True, "openSettingCommand": "x", "settings": {"scope": "all"}}
    client = introduced(types.ClientCapabilities(), options)
    assert (client.explains, client.status, client.setting_command) == (True, True, "x")
    assert client.initial_settings == {"scope": "all"}
