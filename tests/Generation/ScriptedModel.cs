using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>A model whose answers are written down: token by token, by the place in the answer.</summary>
/// <param name="script">Ids of the answer; behind its end the last one comes again and again.</param>
/// <param name="positions">The context.</param>
internal sealed class ScriptedModel(IReadOnlyList<int> script, int positions = 512) : IReadableModel
{
    private readonly IReadOnlyList<int> _script = script;
    private int _running;

    /// <summary>What runs for every sequence that is scored, with its tokens.</summary>
    public Action<int[]> Step { get; set; } = _ => { };

    /// <summary>What runs before every pass, with how many sequences it reads.</summary>
    public Action<int> Pass { get; set; } = _ => { };

    /// <summary>Gives the logits of the place in the answer, instead of the script's.</summary>
    public Func<int, float[]>? Logits { get; set; }

    /// <summary>Gives the logits behind a sequence, instead of all else.</summary>
    public Func<int[], float[]>? Scores { get; set; }

    /// <summary>What was scored.</summary>
    public List<int[]> Sequences { get; } = [];

    /// <summary>How many sequences each pass read.</summary>
    public List<int> Passes { get; } = [];

    /// <summary>How many tokens were read.</summary>
    public int Tokens { get; private set; }

    public int Caches { get; private set; }

    public int LivingCaches { get; private set; }

    public int LivingReaders { get; private set; }

    public bool IsDisposed { get; private set; }

    public int VocabularySize => 1024;

    public int MaxPositions => positions;

    public int? OriginalPositions { get; init; }

    public long BytesPerToken => (1 << 20) / CacheShelf.Block; // a block is a MiB

    public IBatchReader NewReader()
    {
        LivingReaders++;
        return new Reader(this);
    }

    public void Dispose()
    {
        if (LivingReaders > 0 || LivingCaches > 0 || Volatile.Read(ref _running) > 0)
            throw new InvalidOperationException("The model is let go of while it is read.");
        IsDisposed = true;
    }

    private float[] Next(int[] sequence)
    {
        Sequences.Add(sequence);
        Step(sequence);
        if (Scores is not null)
            return Scores(sequence);
        int place = sequence.Length - PromptLength(sequence);
        if (Logits is not null)
            return Logits(place);
        float[] one = new float[VocabularySize];
        one[_script[Math.Min(place, _script.Count - 1)]] = 1;
        return one;
    }

    // The prompt ends with the header of the answer, which no script has.
    private static int PromptLength(ReadOnlySpan<int> sequence) =>
        sequence.LastIndexOf(ScriptedChat.Start) is var start and >= 0 ? start + ScriptedChat.HeaderLength : sequence.Length;

    private sealed class Reader(ScriptedModel model) : IBatchReader
    {
        private bool _disposed;

        public ISequenceCache NewCache() => new Cache(model, []);

        public void Read(ReadOnlySpan<SequenceStep> steps)
        {
            if (_disposed || model.IsDisposed)
                throw new InvalidOperationException("A reader is used after it was freed.");
            if (Interlocked.Increment(ref model._running) > 1)
                throw new InvalidOperationException("Two passes run at once.");
            try
            {
                model.Passes.Add(steps.Length);
                model.Pass(steps.Length);
                foreach (SequenceStep step in steps)
                {
                    Cache cache = (Cache)step.Cache;
                    cache.Add(step.Tokens.Span);
                    if (cache.Length > step.SequenceEnd || (step.Logits is not null) != (cache.Length == step.SequenceEnd))
                        throw new InvalidOperationException("The end of the sequence is not where the scores are asked for.");
                    model.Tokens += step.Tokens.Length;
                    if (step.Logits is not null)
                        model.Next([.. cache.Tokens]).CopyTo(step.Logits, 0);
                }
            }
            finally
            {
                Interlocked.Decrement(ref model._running);
            }
        }

        public void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            model.LivingReaders--;
        }
    }

    private sealed class Cache : ISequenceCache
    {
        private readonly ScriptedModel _model;
        private bool _disposed;

        public Cache(ScriptedModel model, IEnumerable<int> tokens)
        {
            (_model, Tokens) = (model, [.. tokens]);
            model.Caches++;
            model.LivingCaches++;
        }

        public List<int> Tokens { get; }

        public int Length => Tokens.Count;

        public void Add(ReadOnlySpan<int> tokens)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (tokens.IsEmpty)
                throw new InvalidOperationException("There is nothing to read.");
            Tokens.AddRange(tokens);
        }

        public void Truncate(int length)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Tokens.RemoveRange(Math.Min(length, Length), Math.Max(0, Length - length));
        }

        public ISequenceCache Fork(int length)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new Cache(_model, Tokens[..length]);
        }

        public void Dispose()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _disposed = true;
            _model.LivingCaches--;
        }
    }
}
