using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>An answer that grows token by token behind its prompt.</summary>
internal sealed class AnswerTokens
{
    private readonly List<int> _sequence;
    private readonly int _promptLength;
    private readonly int _most;
    private readonly TokenSampler _sampler;
    private readonly HashSet<int> _seen;
    private readonly Dictionary<int, int> _made = [];

    /// <summary>Begins an answer.</summary>
    /// <param name="prompt">Ids of the prompt; at least one.</param>
    /// <param name="options">How to pick tokens.</param>
    /// <param name="vocabulary">Entries of the model's vocabulary.</param>
    /// <param name="context">The most tokens of prompt and answer together.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or has an id outside the vocabulary.</exception>
    /// <exception cref="ContextLengthException">It leaves no room in the context.</exception>
    public AnswerTokens(IReadOnlyList<int> prompt, GenerationOptions options, int vocabulary, int context)
    {
        options.Validate();
        if (prompt.Count == 0)
            throw new ArgumentException("The prompt has no token.", nameof(prompt));
        foreach (int id in prompt)
        {
            if (id < 0 || id >= vocabulary)
                throw new ArgumentException($"The prompt has token id {id}, but the model's vocabulary has {vocabulary} entries.", nameof(prompt));
        }
        if (prompt.Count >= context)
        {
            throw new ContextLengthException(
                $"The prompt has {prompt.Count} tokens, which leaves no room for an answer in the model's context of {context}. " + Advice(options.Overflow),
                    nameof(prompt), prompt.Count, context);
        }
        (_sequence, _promptLength, _seen) = ([.. prompt], prompt.Count, [.. prompt]);
        _most = Math.Min(options.MaxNewTokens, context - prompt.Count);
        _sampler = new TokenSampler(options);
    }

    /// <summary>Prompt and answer so far.</summary>
    public ReadOnlySpan<int> Sequence => CollectionsMarshal.AsSpan(_sequence);

    /// <summary>The answer's tokens so far.</summary>
    public int Count => _sequence.Count - _promptLength;

    /// <summary>Whether no further token is allowed.</summary>
    public bool IsFull => Count >= _most;

    /// <summary>Picks the next token and adds it.</summary>
    /// <param name="logits">(V); changed in place.</param>
    /// <exception cref="NotFiniteNumberException">The logits are not finite, so that no token is likelier than another.</exception>
    public int Add(Span<float> logits)
    {
        RequireFinite(logits);
        int next = _sampler.Next(logits, _seen, _made);
        _sequence.Add(next);
        _seen.Add(next);
        _made[next] = _made.GetValueOrDefault(next) + 1;
        return next;
    }

    private static string Advice(ContextOverflow overflow) => overflow == ContextOverflow.DropOldestTurns
        ? "No turn is left that could be left out: system messages and the last turn stay, so shorten those."
        : $"A chat client leaves out the oldest turns by {nameof(GenerationOptions.Overflow)} = {nameof(ContextOverflow.DropOldestTurns)}.";

    private void RequireFinite(ReadOnlySpan<float> logits)
    {
        if (float.IsFinite(Scores.LargestMagnitude(logits)))
            return;
        int count = 0, first = -1;
        for (int id = logits.Length - 1; id >= 0; id--)
        {
            if (float.IsFinite(logits[id]))
                continue;
            (count, first) = (count + 1, id);
        }
        throw new NotFiniteNumberException(
            $"The model's logits are not finite: {count} of {logits.Length}, the first for token id {first} ({logits[first]}). "
            + $"It happened at token {Count + 1} of the answer, behind {_sequence.Count} tokens in all, so nothing can be picked. "
            + "The weights hold NaN, infinities or numbers far too large: check the file, or whether the training that made them diverged "
            + "(its loss and gradient norms say).", logits[first]);
    }
}
