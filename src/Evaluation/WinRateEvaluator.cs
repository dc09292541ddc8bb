using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace MiniMind.MLNet.Dpo.Evaluation;

/// <summary>Says whether a response is better than another answer to the same messages, as a judge sees it in both orders.</summary>
/// <remarks>
/// <para>The judge is the chat client of the <see cref="ChatConfiguration"/>; the other answer is a <see cref="ComparedAnswer"/> in the additional
/// context. The judge is asked as <see cref="PairwiseJudge"/> asks, twice for each pair; what the library says of prompts and limits holds here too.</para>
/// <para>Thread-safe. <see cref="IDisposable.Dispose"/> closes <see cref="WinRateOptions.CacheFile"/> where there is one; a file takes replies of one judge
/// client at a time.</para>
/// </remarks>
/// <param name="options">How the judge compares; <see langword="null"/> for the defaults. <see cref="WinRateOptions.MaxConcurrency"/> and
/// <see cref="WinRateOptions.Progress"/> do nothing here, so they must be left as they are: whoever evaluates says how many go on at once.</param>
public sealed class WinRateEvaluator(WinRateOptions? options = null) : IEvaluator, IDisposable
{
    /// <summary>
    /// The metric of the outcome: 1 where the response wins, 0.5 for a tie, 0 where it loses; its mean is the score. It has no value where it is invalid.
    /// </summary>
    public const string WinMetricName = "Win";

    /// <summary>The metric that says whether the judge preferred another answer when they were swapped.</summary>
    public const string FlippedMetricName = "Verdict Flipped";

    private readonly WinRateOptions _options = Checked(options ?? new WinRateOptions());
    private readonly Lock _change = new();
    private PairwiseJudge? _judge;
    private IChatClient? _client;

    /// <inheritdoc />
    public IReadOnlyCollection<string> EvaluationMetricNames { get; } = [WinMetricName, FlippedMetricName];

    /// <inheritdoc />
    /// <exception cref="ArgumentException">There is no chat configuration, or a judge's file of replies gets another client.</exception>
    public async ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages, ChatResponse modelResponse, ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(modelResponse);
        if (chatConfiguration is null)
            throw new ArgumentException("There is no chat configuration, whose client would be the judge.", nameof(chatConfiguration));
        NumericMetric win = new(WinMetricName);
        BooleanMetric flipped = new(FlippedMetricName);
        EvaluationResult result = new(win, flipped);
        ComparedAnswer[] others = [.. (additionalContext ?? []).OfType<ComparedAnswer>()];
        if (others.Length != 1)
        {
            result.AddDiagnosticsToAllMetrics(EvaluationDiagnostic.Error(
                $"The additional context has {others.Length} of {nameof(ComparedAnswer)}; it must have one, with the answer to compare with."));
            return result;
        }
        ComparedPair pair = await Judge(chatConfiguration.ChatClient).CompareAsync(Prompt(messages), modelResponse.Text, others[0].Text, cancellationToken)
            .ConfigureAwait(false);
        result.AddOrUpdateContextInAllMetrics(others[0]);
        if (pair.Outcome == PairOutcome.Invalid)
        {
            result.AddDiagnosticsToAllMetrics(EvaluationDiagnostic.Error(pair.Fault!));
            return result;
        }
        win.Value = pair.Outcome switch { PairOutcome.Win => 1, PairOutcome.Tie => 0.5, _ => 0 };
        win.Reason = pair switch
        {
            { IsSame: true } => "Both answers are the same text; no judge was asked.",
            { Outcome: PairOutcome.Win } => "The judge preferred the response in both orders.",
            { Outcome: PairOutcome.Loss } => "The judge preferred the compared answer in both orders.",
            _ => "The judge preferred another answer when they were swapped.",
        };
        win.Interpretation = new EvaluationMetricInterpretation(
            pair.Outcome switch { PairOutcome.Win => EvaluationRating.Good, PairOutcome.Tie => EvaluationRating.Average, _ => EvaluationRating.Poor },
            failed: pair.Outcome == PairOutcome.Loss, win.Reason);
        flipped.Value = pair.IsFlipped;
        return result;
    }

    /// <inheritdoc />
    public void Dispose() => _judge?.Dispose();

    private static WinRateOptions Checked(WinRateOptions options)
    {
        options.Validate();
        return options is { MaxConcurrency: 1, Progress: null } ? options
            : throw new ArgumentException(
                $"{nameof(WinRateOptions.MaxConcurrency)} and {nameof(WinRateOptions.Progress)} do nothing in an evaluator; leave them out.", nameof(options));
    }

    // one that asks, as long as it is the same client
    private PairwiseJudge Judge(IChatClient client)
    {
        lock (_change)
        {
            if (_judge is null || !ReferenceEquals(_client, client))
            {
                if (_judge is not null && _options.CacheFile is not null)
                {
                    throw new ArgumentException(
                        $"'{_options.CacheFile}' keeps the replies of another judge client; take an evaluator for each, with a file of its own.",
                        nameof(client));
                }
                (_judge, _client) = (new PairwiseJudge(client, _options), client);
            }
            return _judge;
        }
    }

    // one message is told as it is, a conversation by turns
    private static string Prompt(IEnumerable<ChatMessage> messages)
    {
        ChatMessage[] all = [.. messages];
        return all is [{ Role.Value: "user" } only] ? only.Text : string.Join("\n\n", all.Select(message => $"{message.Role.Value}: {message.Text}"));
    }
}
