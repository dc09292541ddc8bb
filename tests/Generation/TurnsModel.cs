using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>A model whose answers are written down, one for each request; a request begins where the last answer does not go on.</summary>
/// <param name="answers">Each ends with the end token, unless it says otherwise.</param>
internal sealed class TurnsModel(params string[] answers) : IReadableModel
{
    private readonly ScriptedModel _model = new([ScriptedChat.End], positions: 4096);
    private int[] _expected = [];
    private int[] _script = [];
    private int _place;

    /// <summary>What each request gave it to read.</summary>
    public List<string> Prompts { get; } = [];

    public int VocabularySize => _model.VocabularySize;

    public int MaxPositions => _model.MaxPositions;

    public int? OriginalPositions => null;

    public long BytesPerToken => _model.BytesPerToken;

    public IBatchReader NewReader()
    {
        _model.Scores = Next;
        return _model.NewReader();
    }

    public void Dispose() => _model.Dispose();

    private float[] Next(int[] sequence)
    {
        if (!sequence.AsSpan().SequenceEqual(_expected))
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
}
