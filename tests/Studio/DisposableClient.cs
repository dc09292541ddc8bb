using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>A chat client that knows whether it was disposed.</summary>
internal sealed class DisposableClient() : DelegatingChatClient(new ScriptedClient())
{
    public bool IsDisposed { get; private set; }

    protected override void Dispose(bool disposing) => IsDisposed = true;
}
