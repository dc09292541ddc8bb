using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>A model whose answers are written down, one for each request; a request begins where the last answer does not go on.</summary>
/// <param name="answers">Each ends with the end token, unless it says otherwise.</param>
internal sealed class TurnsModel(params string[] answers) : IReadableModel
{
    private int[] _expected = [];
    private int[] _script = [];
    private int _place;

    /// <summary>What each request gave it to read.</summary>
    public List<string> Prompts { get; } = [];

    public int VocabularySize => 1024;

    public int MaxPositions => 4096;

    public ISequenceReader NewReader() => new Reader(this);

    public void Dispose()
    {
    }

    private float[] Next(ReadOnlySpan<int> sequence)
    {
        if (!sequence.SequenceEqual(_expected))
        {
            _script = [.. ScriptedChat.Ids(answers[Prompts.Count]), ScriptedChat.End];
            Prompts.Add(ScriptedChat.Tokenizer.Decode(sequence));
            _place = 0;
        }
        int next = _script[_place++];
        _expected = [.. sequence, next];
        float[] logits = new float[VocabularySize];
        logits[next] = 1000; // sampled or not
        return logits;
    }

    private sealed class Reader(TurnsModel model) : ISequenceReader
    {
        private int[] _read = [];

        public ReadOnlySpan<int> Read => _read;

        public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
        {
            _read = sequence.ToArray();
            return model.Next(sequence);
        }

        public void Dispose()
        {
        }
    }
}
