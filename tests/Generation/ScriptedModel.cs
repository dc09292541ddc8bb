using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>A model whose answers are written down: token by token, by the place in the answer.</summary>
/// <param name="script">Ids of the answer; behind its end the last one comes again and again.</param>
/// <param name="positions">The context.</param>
internal sealed class ScriptedModel(IReadOnlyList<int> script, int positions = 512) : IReadableModel
{
    private readonly IReadOnlyList<int> _script = script;
    private int _running;

    /// <summary>What runs within every step, with the tokens that were given and what cancels it.</summary>
    public Action<int[], CancellationToken> Step { get; set; } = (_, _) => { };

    /// <summary>Gives the logits of the place in the answer, instead of the script's.</summary>
    public Func<int, float[]>? Logits { get; set; }

    public List<int[]> Sequences { get; } = [];

    public int Readers { get; private set; }

    public int LivingReaders { get; private set; }

    public bool IsDisposed { get; private set; }

    public int VocabularySize => 1024;

    public int MaxPositions => positions;

    public ISequenceReader NewReader()
    {
        Readers++;
        LivingReaders++;
        return new Reader(this);
    }

    public void Dispose()
    {
        if (LivingReaders > 0 || Volatile.Read(ref _running) > 0)
            throw new InvalidOperationException("The model is let go of while it is read.");
        IsDisposed = true;
    }

    private sealed class Reader(ScriptedModel model) : ISequenceReader
    {
        private readonly List<int> _read = [];
        private int _prompt = -1;
        private bool _disposed;

        public ReadOnlySpan<int> Read => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_read);

        public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
        {
            if (_disposed || model.IsDisposed)
                throw new InvalidOperationException("A reader is used after it was freed.");
            if (Interlocked.Increment(ref model._running) > 1)
                throw new InvalidOperationException("Two steps run at once.");
            try
            {
                if (!sequence.StartsWith(Read) || _prompt < 0)
                    _prompt = PromptLength(sequence);
                _read.Clear();
                _read.AddRange(sequence);
                model.Sequences.Add(sequence.ToArray());
                model.Step(sequence.ToArray(), cancellation);
                int place = sequence.Length - _prompt;
                if (model.Logits is { } logits)
                    return logits(place);
                float[] one = new float[model.VocabularySize];
                one[model._script[Math.Min(place, model._script.Count - 1)]] = 1;
                return one;
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

        // The prompt ends with the header of the answer, which no script has.
        private static int PromptLength(ReadOnlySpan<int> sequence) =>
            sequence.LastIndexOf(ScriptedChat.Start) is var start and >= 0 ? start + ScriptedChat.HeaderLength : sequence.Length;
    }
}
