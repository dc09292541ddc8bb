using System.Collections.Frozen;
using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Requests;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>What is at each address.</summary>
internal sealed class ChatEndpoints
{
    private readonly ChatEndpointOptions _options;
    private readonly FrozenDictionary<string, ServedModel> _models;
    private readonly FrozenDictionary<ServedModel, ConcurrencyLimiter> _places;

    /// <summary>Serves models.</summary>
    /// <param name="models">The models.</param>
    /// <param name="options">The bounds.</param>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public ChatEndpoints(IEnumerable<ServedModel> models, ChatEndpointOptions options)
    {
        _options = options;
        _models = models.ToFrozenDictionary(model => model.Name, StringComparer.Ordinal);
        // nobody waits here: the clients have queues of their own
        ConcurrencyLimiterOptions bounds = new() { PermitLimit = options.MaxConcurrentRequests, QueueLimit = 0 };
        _places = _models.Values.ToFrozenDictionary(model => model, _ => new ConcurrencyLimiter(bounds));
    }

    /// <summary>All models.</summary>
    public Task ListAsync(EndpointRequest request) => JsonAnswer.SendAsync(request.Context.Response, StatusCodes.Status200OK,
        new ModelList("list", [.. _models.Values.OrderBy(model => model.Name, StringComparer.Ordinal).Select(ModelCard.Of)]),
        AnswerJson.Plain.ModelList, request.Cancellation);

    /// <summary>One model.</summary>
    public Task ShowAsync(EndpointRequest request)
    {
        // a slash within a name comes as %2F, which routing leaves as it is
        string name = ((string)request.Context.Request.RouteValues["model"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return JsonAnswer.SendAsync(
            request.Context.Response, StatusCodes.Status200OK, ModelCard.Of(Model(name)), AnswerJson.Plain.ModelCard, request.Cancellation);
    }

    /// <summary>An answer in a conversation.</summary>
    public async Task ChatAsync(EndpointRequest request)
    {
        using JsonDocument body = await RequestBody.ReadAsync(request.Context.Request, _options.MaxRequestBytes, request.Cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        ServedModel model = Model(fields.RequiredText("model"));
        ChatAnswers answers = new(model, ChatFields.Read(fields, _options, UsualTokens(model)));
        using RateLimitLease place = Place(model);
        await answers.SendAsync(request.Context, request.Cancellation).ConfigureAwait(false);
        Answered(request, model, answers.Pieces);
    }

    /// <summary>What goes on with a text.</summary>
    public async Task CompleteAsync(EndpointRequest request)
    {
        using JsonDocument body = await RequestBody.ReadAsync(request.Context.Request, _options.MaxRequestBytes, request.Cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        ServedModel model = Model(fields.RequiredText("model"));
        GenerationOptions basis = model.Client.GetService<GenerationOptions>()
            ?? throw Faults.Unsupported("model", "This model answers in conversations only: ask it at /chat/completions.");
        CompletionAnswers answers = new(model, CompletionFields.Read(fields, _options, basis));
        using RateLimitLease place = Place(model);
        await answers.SendAsync(request.Context, request.Cancellation).ConfigureAwait(false);
        Answered(request, model, answers.Pieces);
    }

    /// <summary>What is at no address, or at one for another method.</summary>
    public Task RefuseAsync(EndpointRequest request)
    {
        (string method, string path) = (request.Context.Request.Method, request.Context.Request.Path.ToString());
        string place = path[(path.IndexOf(_options.Prefix, StringComparison.OrdinalIgnoreCase) + _options.Prefix.Length)..];
        string? right = place is "/chat/completions" or "/completions" ? "POST"
            : place == "/models" || place.StartsWith("/models/", StringComparison.Ordinal) ? "GET" : null;
        if (right is null)
            throw Faults.NoSuchAddress(method, path);
        request.Context.Response.Headers.Allow = right;
        throw Faults.WrongMethod(method, path, right);
    }

    private static void Answered(EndpointRequest request, ServedModel model, AnswerPieces pieces) =>
        request.Log.Answered(model.Name, pieces.Usage?.PromptTokens ?? 0, pieces.Usage?.CompletionTokens ?? 0, pieces.Finish);

    private ServedModel Model(string name) => _models.GetValueOrDefault(name) ?? throw Faults.NoModel(name, _models.Keys.Order(StringComparer.Ordinal));

    private int? UsualTokens(ServedModel model) => _options.MaxAnswerTokens is { } most
        ? Math.Min(most, model.Client.GetService<GenerationOptions>()?.MaxNewTokens ?? most)
        : null;

    private RateLimitLease Place(ServedModel model)
    {
        RateLimitLease place = _places[model].AttemptAcquire();
        if (place.IsAcquired)
            return place;
        place.Dispose();
        throw Faults.TooMany();
    }
}
