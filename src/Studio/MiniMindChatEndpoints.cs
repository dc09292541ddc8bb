using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using MiniMind.MLNet.Dpo.AspNetCore;
using MiniMind.MLNet.Dpo.AspNetCore.Serving;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Chat models as OpenAI's endpoints.</summary>
public static class MiniMindChatEndpoints
{
    /// <summary>
    /// Maps <c>/v1/models</c>, <c>/v1/models/{model}</c>, <c>/v1/chat/completions</c> and <c>/v1/completions</c> for the models that
    /// <see cref="MiniMindChatServices.AddMiniMindChat"/> registered.
    /// </summary>
    /// <param name="endpoints">The app.</param>
    /// <param name="options">Who may ask, and how much; <see langword="null"/> for the defaults.</param>
    /// <returns>What conventions are added by, such as <c>RequireAuthorization()</c> or <c>RequireHost()</c>.</returns>
    /// <exception cref="InvalidOperationException">None is registered.</exception>
    /// <exception cref="ArgumentException">The options are not valid, or two models have one name.</exception>
    public static IEndpointConventionBuilder MapMiniMindChat(this IEndpointRouteBuilder endpoints, ChatEndpointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ServedModel[] models = [.. endpoints.ServiceProvider.GetServices<ServedModel>()];
        return models.Length > 0
            ? Map(endpoints, models, options)
            : throw new InvalidOperationException(
                $"No model is registered: call services.{nameof(MiniMindChatServices.AddMiniMindChat)}, or give {nameof(MapMiniMindChat)} a chat client.");
    }

    /// <summary>Maps the same for one model, by the name that the client itself has.</summary>
    /// <param name="endpoints">The app.</param>
    /// <param name="client">Answers; it stays the caller's.</param>
    /// <param name="options">Who may ask, and how much; <see langword="null"/> for the defaults.</param>
    /// <returns>What conventions are added by.</returns>
    /// <exception cref="ArgumentException">The client has no name, or the options are not valid.</exception>
    public static IEndpointConventionBuilder MapMiniMindChat(this IEndpointRouteBuilder endpoints, IChatClient client, ChatEndpointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        string name = client.GetService<ChatClientMetadata>()?.DefaultModelId
            ?? throw new ArgumentException("The client does not say what its model is called; give its name with it.", nameof(client));
        return endpoints.MapMiniMindChat(new Dictionary<string, IChatClient> { [name] = client }, options);
    }

    /// <summary>Maps the same for several models.</summary>
    /// <param name="endpoints">The app.</param>
    /// <param name="models">Chat clients by the names that requests give; they stay the caller's.</param>
    /// <param name="options">Who may ask, and how much; <see langword="null"/> for the defaults.</param>
    /// <returns>What conventions are added by.</returns>
    /// <exception cref="ArgumentException">There is none, a name cannot be one, or the options are not valid.</exception>
    public static IEndpointConventionBuilder MapMiniMindChat(
        this IEndpointRouteBuilder endpoints, IReadOnlyDictionary<string, IChatClient> models, ChatEndpointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(models);
        return models.Count > 0
            ? Map(endpoints, models.Select(model => new ServedModel(model.Key, model.Value)), options)
            : throw new ArgumentException("There is no model to map.", nameof(models));
    }

    private static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, IEnumerable<ServedModel> models, ChatEndpointOptions? given)
    {
        ChatEndpointOptions options = given ?? new ChatEndpointOptions();
        options.Validate();
        CallerCheck callers = new(options);
        ChatEndpoints chat = new(models, options);
        RequestDelegate Guarded(Func<EndpointRequest, Task> answer) => new GuardedEndpoint(options, callers, answer).RunAsync;

        RouteGroupBuilder group = endpoints.MapGroup(options.Prefix);
        group.MapGet("/models", Guarded(chat.ListAsync));
        group.MapGet("/models/{**model}", Guarded(chat.ShowAsync));
        group.MapPost("/chat/completions", Guarded(chat.ChatAsync));
        group.MapPost("/completions", Guarded(chat.CompleteAsync));
        group.MapFallback("/{**path}", Guarded(chat.RefuseAsync));
        return group;
    }
}
