using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers chat models for <c>MapMiniMindChat</c>.</summary>
public static class MiniMindChatServices
{
    /// <summary>Registers a model; call it once for each.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="name">What requests give as <c>model</c>.</param>
    /// <param name="client">Makes the chat client, once, when the endpoints are mapped; the app disposes it at its end.</param>
    public static IServiceCollection AddMiniMindChat(this IServiceCollection services, string name, Func<IServiceProvider, IChatClient> client)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(client);
        return services.AddSingleton(provider => new ServedModel(name, client(provider)));
    }
}
