using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Requests;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Gives what goes on with a text, whole or as a stream.</summary>
/// <param name="model">Who goes on.</param>
/// <param name="call">What is asked.</param>
internal sealed class CompletionAnswers(ServedModel model, CompletionCall call)
{
    private readonly string _id = "cmpl-" + Guid.NewGuid().ToString("N");
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly AnswerPieces _pieces = new();
    private int _offset = CompletionLogProbs.Characters(call.Prompt);

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
                stream.Begin(); // not before: what is refused before the first piece has a status of its own
                if (call.Echoes)
                    await SendAsync(stream, new CompletionChoice(call.Prompt, 0, null, null), cancellation).ConfigureAwait(false);
                isBegun = true;
            }
            foreach (AnswerPiece piece in _pieces.Of(update).Where(piece => piece.Delta.Content is not null))
                await SendAsync(stream, new CompletionChoice(piece.Delta.Content!, 0, LogProbs(piece.Tokens), null), cancellation).ConfigureAwait(false);
        }
        if (!isBegun)
            stream.Begin();
        await SendAsync(stream, new CompletionChoice("", 0, null, _pieces.Finish), cancellation).ConfigureAwait(false);
        if (call.Form.IncludesUsage)
            await stream.SendAsync(Body([], new UsageField(true, _pieces.Usage)), AnswerJson.Plain.TextCompletion, cancellation).ConfigureAwait(false);
        await stream.EndAsync(cancellation).ConfigureAwait(false);
    }

    private Task SendAsync(EventStream stream, CompletionChoice choice, CancellationToken cancellation) =>
        stream.SendAsync(Body([choice], new UsageField(call.Form.IncludesUsage, null)), AnswerJson.Plain.TextCompletion, cancellation);

    private async Task WholeAsync(HttpResponse response, CancellationToken cancellation)
    {
        StringBuilder text = new(call.Echoes ? call.Prompt : "");
        List<TokenLogProb> tokens = [];
        await foreach (ChatResponseUpdate update in Updates(cancellation).ConfigureAwait(false))
        {
            foreach (AnswerPiece piece in _pieces.Of(update))
            {
                text.Append(piece.Delta.Content);
                tokens.AddRange(piece.Tokens);
            }
        }
        TextCompletion whole = Body([new CompletionChoice(text.ToString(), 0, LogProbs(tokens), _pieces.Finish)], new UsageField(true, _pieces.Usage));
        await JsonAnswer.SendAsync(response, StatusCodes.Status200OK, whole, AnswerJson.Plain.TextCompletion, cancellation).ConfigureAwait(false);
    }

    private CompletionLogProbs? LogProbs(IReadOnlyList<TokenLogProb> tokens) =>
        call.Form.TopLogProbs is { } top ? CompletionLogProbs.Of(tokens, ref _offset, withTop: top > 0) : null;

    private TextCompletion Body(IReadOnlyList<CompletionChoice> choices, UsageField usage) =>
        new(_id, "text_completion", _created, model.Name, choices, usage);

    private IAsyncEnumerable<ChatResponseUpdate> Updates(CancellationToken cancellation) =>
        model.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, call.Prompt)], call.Options, cancellation);
}
