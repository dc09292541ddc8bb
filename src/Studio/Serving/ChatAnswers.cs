using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Requests;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Gives the answer in a conversation, whole or as a stream.</summary>
/// <param name="model">Who answers.</param>
/// <param name="call">What is asked.</param>
internal sealed class ChatAnswers(ServedModel model, ChatCall call)
{
    private readonly string _id = "chatcmpl-" + Guid.NewGuid().ToString("N");
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly AnswerPieces _pieces = new();

    /// <summary>What came of it.</summary>
    public AnswerPieces Pieces => _pieces;

    /// <summary>Sends the answer.</summary>
    public Task SendAsync(HttpContext context, CancellationToken cancellation) =>
        call.Form.Streams ? StreamAsync(new EventStream(context.Response), cancellation) : WholeAsync(context.Response, cancellation);

    private async Task StreamAsync(EventStream stream, CancellationToken cancellation)
    {
        bool isBegun = false;
        await foreach (ChatResponseUpdate update in Updates(cancellation).ConfigureAwait(false))
        {
            if (!isBegun)
            {
                // not before: what is refused before the first piece has a status of its own
                stream.Begin();
                await SendAsync(stream, new ChatDelta("assistant", ""), cancellation).ConfigureAwait(false);
                isBegun = true;
            }
            foreach (AnswerPiece piece in _pieces.Of(update))
                await SendAsync(stream, piece.Delta, cancellation, LogProbs(piece)).ConfigureAwait(false);
        }
        if (!isBegun)
            stream.Begin();
        await SendAsync(stream, new ChatDelta(), cancellation, finish: _pieces.Finish).ConfigureAwait(false);
        if (call.Form.IncludesUsage)
            await SendAsync(stream, [], new UsageField(true, _pieces.Usage), cancellation).ConfigureAwait(false);
        await stream.EndAsync(cancellation).ConfigureAwait(false);
    }

    private ChatLogProbs? LogProbs(AnswerPiece piece) =>
        call.Form.TopLogProbs is not null && piece.Delta.Content is not null ? ChatLogProbs.Of(piece.Tokens) : null;

    private Task SendAsync(
        EventStream stream, ChatDelta delta, CancellationToken cancellation, ChatLogProbs? logProbs = null, string? finish = null) =>
        SendAsync(stream, [new ChatChunkChoice(0, delta, logProbs, finish)], new UsageField(call.Form.IncludesUsage, null), cancellation);

    private Task SendAsync(EventStream stream, IReadOnlyList<ChatChunkChoice> choices, UsageField usage, CancellationToken cancellation) => stream.SendAsync(
        new ChatChunk(_id, "chat.completion.chunk", _created, model.Name, choices, usage), AnswerJson.Plain.ChatChunk, cancellation);

    private async Task WholeAsync(HttpResponse response, CancellationToken cancellation)
    {
        StringBuilder text = new(), reasoning = new();
        List<ToolCallBody> calls = [];
        List<TokenLogProb> tokens = [];
        await foreach (ChatResponseUpdate update in Updates(cancellation).ConfigureAwait(false))
        {
            foreach (AnswerPiece piece in _pieces.Of(update))
            {
                text.Append(piece.Delta.Content);
                reasoning.Append(piece.Delta.ReasoningContent);
                tokens.AddRange(piece.Tokens);
                calls.AddRange((piece.Delta.ToolCalls ?? []).Select(made => made with { Index = null }));
            }
        }
        AssistantMessage message = new("assistant", text.Length > 0 || calls.Count == 0 ? text.ToString() : null,
            reasoning.Length > 0 ? reasoning.ToString() : null, calls.Count > 0 ? calls : null, null);
        ChatChoice choice = new(0, message, call.Form.TopLogProbs is null ? null : ChatLogProbs.Of(tokens), _pieces.Finish);
        ChatCompletion whole = new(_id, "chat.completion", _created, model.Name, [choice], _pieces.Usage);
        await JsonAnswer.SendAsync(response, StatusCodes.Status200OK, whole, AnswerJson.Plain.ChatCompletion, cancellation).ConfigureAwait(false);
    }

    private IAsyncEnumerable<ChatResponseUpdate> Updates(CancellationToken cancellation) =>
        model.Client.GetStreamingResponseAsync(call.Messages, call.Options, cancellation);
}
