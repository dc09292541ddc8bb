using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Judging;

namespace MiniMind.MLNet.Dpo;

/// <summary>A language model that says which of two answers is the better one, asked in both orders.</summary>
/// <remarks>
/// Thread-safe. The client stays the caller's; its reply is asked for at temperature 0, and once: what fails is not tried again.
/// Disposing it closes <see cref="WinRateOptions.CacheFile"/>.
/// </remarks>
public sealed class PairwiseJudge : IDisposable
{
    private readonly IChatClient _client;
    private readonly JudgeQuestion _question;
    private readonly VerdictCache? _cache;

    /// <summary>Makes a judge of a client.</summary>
    /// <param name="client">Who judges.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults. <see cref="WinRateOptions.MaxConcurrency"/> and
    /// <see cref="WinRateOptions.Progress"/> are for who compares many.</param>
    /// <exception cref="ArgumentException">The options are not valid, or name a file and the judge has no name to be known by in it.</exception>
    /// <exception cref="InvalidDataException">The file holds something other than replies; the message says in which line.</exception>
    /// <exception cref="IOException">The file cannot be opened, or another judge has it open.</exception>
    public PairwiseJudge(IChatClient client, WinRateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new WinRateOptions();
        options.Validate();
        string name = options.JudgeName ?? NameOf(client);
        if (options.CacheFile is not null && name.Length == 0)
        {
            throw new ArgumentException(
                $"The judge's metadata name no model, so that replies in '{options.CacheFile}' could be another judge's; set {nameof(options.JudgeName)}.",
                nameof(options));
        }
        (_client, _question) = (client, new JudgeQuestion(options, name));
        _cache = options.CacheFile is { } path ? new VerdictCache(path) : null;
    }

    /// <summary>Compares two answers in both orders.</summary>
    /// <param name="prompt">What they answer.</param>
    /// <param name="a">The answer that wins, if it is preferred both times.</param>
    /// <param name="b">The other one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What came of it. A judge that fails, or replies something else, makes the pair invalid, and the reason is with it.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">The file of replies cannot be written.</exception>
    public async Task<ComparedPair> CompareAsync(string prompt, string a, string b, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ComparedPair pair = new() { Prompt = prompt, A = a, B = b };
        if (pair.IsSame)
            return pair;
        pair = pair with { AFirst = await AskAsync(prompt, a, b, cancellationToken).ConfigureAwait(false) };
        return pair with { BFirst = await AskAsync(prompt, b, a, cancellationToken).ConfigureAwait(false) };
    }

    /// <inheritdoc />
    public void Dispose() => _cache?.Dispose();

    /// <summary>Asks for one order. A failure is said instead of thrown, but for a cancellation and the file of replies.</summary>
    internal async Task<JudgeReply> AskAsync(string prompt, string first, string second, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string key = _cache is null ? "" : _question.Key(prompt, first, second);
        if (_cache?.Find(key) is { } known and not ShownAnswer.None)
            return new JudgeReply { Preferred = known, IsFromCache = true };
        ChatResponse response;
        try
        {
            response = await _client.GetResponseAsync(_question.Messages(prompt, first, second), _question.Options(), cancellation).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            cancellation.ThrowIfCancellationRequested(); // whatever a client throws then
            return new JudgeReply { Preferred = ShownAnswer.None, Fault = $"the judge failed: {failure.GetType().Name}: {failure.Message}" };
        }
        string text = response.Text;
        ShownAnswer preferred = ReplyReader.Read(text);
        if (preferred == ShownAnswer.None)
            return new JudgeReply { Preferred = preferred, Text = text, Fault = ReplyReader.Fault(text, response.FinishReason == ChatFinishReason.Length) };
        _cache?.Add(key, preferred);
        return new JudgeReply { Preferred = preferred, Text = text };
    }

    private static string NameOf(IChatClient client) =>
        client.GetService(typeof(ChatClientMetadata)) is ChatClientMetadata { DefaultModelId: { Length: > 0 } model } known
            ? $"{known.ProviderName} {known.ProviderUri} {model}" : "";
}
