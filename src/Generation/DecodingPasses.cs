namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Reads the sequences of several answers pass by pass: a token of each that is being made, and some of the prompts that are being read.</summary>
/// <remarks>Used by one thread, but for <see cref="Status"/>.</remarks>
/// <param name="model">Makes the reader.</param>
/// <param name="options">What is kept.</param>
internal sealed class DecodingPasses(IReadableModel model, ServingOptions options) : IDisposable
{
    /// <summary>The most tokens of prompts in a pass while answers are being made, so that these go on; and while none is.</summary>
    private const int PromptTokensBeside = 64, PromptTokensAlone = 128;

    /// <summary>So many tokens more than it can have already make it worth while to wait until another one has read them.</summary>
    private const int WorthWaiting = 32;

    /// <summary>With so many scores to pick from, several threads do it.</summary>
    private const int ManyScores = 1 << 18;

    private readonly CacheShelf _shelf = new((long)options.KeptMegabytes * (1 << 20) / model.BytesPerToken);
    private IBatchReader? _reader;
    private ServingStatus _status = new() { Decoding = 0, Waiting = 0, KeptBytes = 0, Passes = 0, ReadTokens = 0, ReusedTokens = 0 };

    /// <summary>What has been done so far.</summary>
    public ServingStatus Status => Volatile.Read(ref _status);

    /// <summary>Reads one pass, and adds a token to each answer whose sequence it has read.</summary>
    /// <param name="answers">Those that have places, those that got them first before the others; a sequence is read from where its cache ends.</param>
    public void Run(IReadOnlyList<ScheduledAnswer> answers)
    {
        foreach (ScheduledAnswer answer in answers)
        {
            if (answer.Cache is not null && answer.IsExtended != IsExtended(answer))
                Restart(answer);
            if (answer.Cache is null && !WaitsForAnother(answer, answers))
                Begin(answer, answers);
        }
        (ScheduledAnswer Answer, SequenceStep Step)[] steps = [.. Steps([.. answers.Where(answer => answer.Cache is not null)])];
        Read(steps);
        ScheduledAnswer[] ready = [.. steps.Where(step => step.Step.Logits is not null && !step.Answer.IsOver).Select(step => step.Answer)];
        if (ready.Length > 1 && ready.Length * model.VocabularySize >= ManyScores)
            Parallel.ForEach(ready, answer => answer.Step());
        else
            Array.ForEach(ready, answer => answer.Step());
    }

    /// <summary>Takes what is remembered of an answer that has no place any more.</summary>
    public void Leave(ScheduledAnswer answer)
    {
        if (answer.HasFailed)
            answer.Cache?.Dispose();
        else if (answer.Cache is { } cache)
            _shelf.Put(answer.Answer.Tokens.Sequence, answer.IsExtended, cache);
        (answer.Cache, answer.Logits) = (null, null);
        Report(0, 0, 0);
    }

    public void Dispose()
    {
        _shelf.Dispose();
        _reader?.Dispose();
    }

    private static int Rest(ScheduledAnswer answer) => answer.Answer.Tokens.Sequence.Length - answer.Cache!.Length;

    private int Shared(ScheduledAnswer answer, ScheduledAnswer other) => IsExtended(answer) != other.IsExtended ? 0
        : answer.Answer.Tokens.Sequence.CommonPrefixLength(other.Answer.Tokens.Sequence);

    /// <summary>Whether a sequence has grown beyond LongRoPE's original context.</summary>
    private bool IsExtended(ScheduledAnswer answer) => answer.Answer.Tokens.Sequence.Length > model.OriginalPositions;

    /// <summary>Has a sequence be read anew from its beginning, for another turn of its keys.</summary>
    private void Restart(ScheduledAnswer answer)
    {
        answer.Cache!.Truncate(0);
        answer.IsExtended = IsExtended(answer);
    }

    /// <summary>Whether another one is about to read what this one begins with too.</summary>
    private bool WaitsForAnother(ScheduledAnswer answer, IReadOnlyList<ScheduledAnswer> answers)
    {
        int had = _shelf.Shared(answer.Answer.Tokens.Sequence, IsExtended(answer));
        return answers.Any(other => other.Cache is not null && Rest(other) > 1
            && Shared(answer, other) - Math.Max(had, other.Cache.Length) >= WorthWaiting);
    }

    /// <summary>Gives an answer a cache, with as much of its sequence as another one has.</summary>
    private void Begin(ScheduledAnswer answer, IReadOnlyList<ScheduledAnswer> answers)
    {
        _reader ??= model.NewReader();
        ReadOnlySpan<int> sequence = answer.Answer.Tokens.Sequence;
        answer.IsExtended = IsExtended(answer);
        ScheduledAnswer? donor = null;
        int longest = _shelf.Shared(sequence, answer.IsExtended);
        foreach (ScheduledAnswer other in answers)
        {
            int shared = other.Cache is null ? 0 : Math.Min(Shared(answer, other), other.Cache.Length);
            if (shared > longest)
                (donor, longest) = (other, shared);
        }
        answer.Cache = (donor is null ? _shelf.Take(sequence, answer.IsExtended) : donor.Cache!.Fork(longest)) ?? _reader.NewCache();
        answer.Cache.Truncate(sequence.Length - 1); // the last token is read anew, for the scores behind it
        if (answer.Answer.Tokens.Count == 0) // not one that goes on
            Report(0, 0, answer.Cache.Length);
    }

    private IEnumerable<(ScheduledAnswer Answer, SequenceStep Step)> Steps(List<ScheduledAnswer> answers)
    {
        ScheduledAnswer[] reading = [.. answers.Where(answer => Rest(answer) > 1)];
        int[] shares = ReadingShares.Of([.. reading.Select(Rest)], reading.Length < answers.Count ? PromptTokensBeside : PromptTokensAlone);
        foreach (ScheduledAnswer answer in answers)
        {
            int index = Array.IndexOf(reading, answer), share = index < 0 ? 1 : shares[index];
            if (share > 0)
                yield return (answer, StepOf(answer, share));
        }
    }

    private SequenceStep StepOf(ScheduledAnswer answer, int most)
    {
        ReadOnlySpan<int> sequence = answer.Answer.Tokens.Sequence, rest = sequence[answer.Cache!.Length..];
        bool isLast = rest.Length <= most;
        if (isLast)
            answer.Logits ??= new float[model.VocabularySize];
        return new SequenceStep(answer.Cache, rest[..Math.Min(most, rest.Length)].ToArray(), sequence.Length, isLast ? answer.Logits : null);
    }

    private void Read((ScheduledAnswer Answer, SequenceStep Step)[] steps)
    {
        int[] before = [.. steps.Select(step => step.Step.Cache.Length)];
        try
        {
            _reader!.Read([.. steps.Select(step => step.Step)]);
        }
        catch (Exception) when (steps.Length > 1)
        {
            for (int i = 0; i < steps.Length; i++)
                ReadAlone(steps[i].Answer, before[i], steps[i].Step.Tokens.Length);
        }
        catch (Exception failure)
        {
            Forget(steps[0].Answer, failure);
        }
        Report(1, steps.Sum(step => step.Step.Tokens.Length), 0);
    }

    /// <summary>Reads what a pass of several that failed was to read of one, so that a fault of one is not the others'.</summary>
    private void ReadAlone(ScheduledAnswer answer, int before, int count)
    {
        try
        {
            answer.Cache!.Truncate(before);
            _reader!.Read([StepOf(answer, before + count - answer.Cache.Length)]);
        }
        catch (Exception failure)
        {
            Forget(answer, failure);
        }
    }

    /// <summary>Ends an answer whose cache nobody knows the state of.</summary>
    private void Forget(ScheduledAnswer answer, Exception failure)
    {
        answer.Fail(failure);
        answer.Cache!.Dispose();
        answer.Cache = null;
    }

    private void Report(int passes, int read, int reused)
    {
        ServingStatus status = _status;
        Volatile.Write(ref _status, status with
        {
            KeptBytes = _shelf.Tokens * model.BytesPerToken,
            Passes = status.Passes + passes,
            ReadTokens = status.ReadTokens + read,
            ReusedTokens = status.ReusedTokens + reused,
        });
    }
}
