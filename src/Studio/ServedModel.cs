using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore;

/// <summary>A chat client under the name that requests ask for it by.</summary>
/// <remarks>Disposing it disposes the client.</remarks>
public sealed class ServedModel : IDisposable
{
    /// <summary>Names a client.</summary>
    /// <param name="name">What requests give as <c>model</c>.</param>
    /// <param name="client">The client; it becomes this object's to dispose.</param>
    /// <exception cref="ArgumentException">The name is empty, longer than 200 characters, or has control characters.</exception>
    public ServedModel(string name, IChatClient client)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(client);
        if (name.Length > 200 || name.Any(char.IsControl))
            throw new ArgumentException("A model's name has at most 200 characters, and none that control.", nameof(name));
        (Name, Client) = (name, client);
    }

    /// <summary>What requests give as <c>model</c>.</summary>
    public string Name { get; }

    /// <summary>Answers them.</summary>
    public IChatClient Client { get; }

    /// <summary>Since when it is served.</summary>
    internal DateTimeOffset Created { get; } = DateTimeOffset.UtcNow;

    /// <summary>Disposes the client.</summary>
    public void Dispose() => Client.Dispose();
}
