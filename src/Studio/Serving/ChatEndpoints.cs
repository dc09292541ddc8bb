using System.Collections.Frozen;
using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Requests;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>What is at each address.</summary>
/// <param name="models">The models, by their names.</param>
/// <param name="options">The bounds.</param>
/// <param name="places">Who may be answered now, and who has to wait.</param>
internal sealed class ChatEndpoints(FrozenDictionary<string, ServedModel> models, ChatEndpointOptions options, RateLimiter places)
{
    /// <summary>All models.</summary>
    public Task ListAsync(EndpointRequest request) => JsonAnswer.SendAsync(request.Context.Response, StatusCodes.Status200OK,
        new ModelList("list", [.. models.Values.OrderBy(model => model.Name, StringComparer.Ordinal).Select(ModelCard.Of)]),
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
        using JsonDocument body = await RequestBody.ReadAsync(request.Context.Request, options.MaxRequestBytes, request.Cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        ServedModel model = Model(fields.RequiredText("model"));
        ChatAnswers answers = new(model, ChatFields.Read(fields, options, UsualTokens(model)));
        using RateLimitLease place = await PlaceAsync(request.Cancellation).ConfigureAwait(false);
        await answers.SendAsync(request.Context, request.Cancellation).ConfigureAwait(false);
        Answered(request, model, answers.Pieces);
    }

    /// <summary>What goes on with a text.</summary>
    public async Task CompleteAsync(EndpointRequest request)
    {
        using JsonDocument body = await RequestBody.ReadAsync(request.Context.Request, options.MaxRequestBytes, request.Cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        ServedModel model = Model(fields.RequiredText("model"));
        GenerationOptions basis = model.Client.GetService<GenerationOptions>()
            ?? throw Faults.Unsupported("model", "This model answers in conversations only: ask it at /chat/completions.");
        CompletionAnswers answers = new(model, CompletionFields.Read(fields, options, basis));
        using RateLimitLease place = await PlaceAsync(request.Cancellation).ConfigureAwait(false);
        await answers.SendAsync(request.Context, request.Cancellation).ConfigureAwait(false);
        Answered(request, model, answers.Pieces);
    }

    /// <summary>What is at no address, or at one for another method.</summary>
    public Task RefuseAsync(EndpointRequest request)
    {
        (string method, string path) = (request.Context.Request.Method, request.Context.Request.Path.ToString());
        string place = path[(path.IndexOf(options.Prefix, StringComparison.OrdinalIgnoreCase) + options.Prefix.Length)..];
        string? right = place is "/chat/completions" or "/completions" ? "POST"
            : place == "/models" || place.StartsWith("/models/", StringComparison.Ordinal) ? "GET" : null;
        if (right is null)
            throw Faults.NoSuchAddress(method, path);
        request.Context.Response.Headers.Allow = right;
        throw Faults.WrongMethod(method, path, right);
    }

    private static void Answered(EndpointRequest request, ServedModel model, AnswerPieces pieces) =>
        request.Log.Answered(model.Name, pieces.Usage?.PromptTokens ?? 0, pieces.Usage?.CompletionTokens ?? 0, pieces.Finish);

    private ServedModel Model(string name) => models.GetValueOrDefault(name) ?? throw Faults.NoModel(name, models.Keys.Order(StringComparer.Ordinal));

    private int? UsualTokens(ServedModel model) => options.MaxAnswerTokens is { } most
        ? Math.Min(most, model.Client.GetService<GenerationOptions>()?.MaxNewTokens ?? most)
        : null;

    private async Task<RateLimitLease> PlaceAsync(CancellationToken cancellation)
    {
        RateLimitLease place = await places.AcquireAsync(1, cancellation).ConfigureAwait(false);
        if (place.IsAcquired)
            return place;
        place.Dispose();
        throw Faults.TooMany(options.MaxWaitingRequests);
    }
}
