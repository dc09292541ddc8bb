using System.Text;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>The text of an answer, as its tokens come: without special tokens, in whole characters, up to what ends it.</summary>
/// <remarks>Special tokens are not shown, but stop sequences see them.</remarks>
/// <param name="tokenizer">Decodes.</param>
/// <param name="endIds">Ids that end the answer.</param>
/// <param name="stops">Texts that end the answer; none is empty.</param>
internal sealed class AnswerText(HuggingFaceTokenizer tokenizer, IReadOnlySet<int> endIds, IReadOnlyList<string> stops)
{
    private readonly IncrementalDecoder _decoder = new(tokenizer, skipSpecialTokens: true);
    private readonly StopSequences _stops = new(stops);

    /// <summary>Whether an end token or a stop sequence has come.</summary>
    public bool Ended { get; private set; }

    /// <summary>What can be shown after a further token; often nothing.</summary>
    public string Append(int id)
    {
        bool isEnd = endIds.Contains(id);
        string shown = isEnd || tokenizer.IsSpecial(id)
            ? _stops.Append(Encoding.UTF8.GetString(tokenizer.TokenBytes(id)), isShown: false)
            : _stops.Append(_decoder.Append(id));
        Ended = isEnd || _stops.Stopped;
        return shown;
    }

    /// <summary>What is left at the end.</summary>
    public string Flush()
    {
        string rest = _stops.Append(_decoder.Flush()) + _stops.Flush();
        Ended |= _stops.Stopped;
        return rest;
    }
}
