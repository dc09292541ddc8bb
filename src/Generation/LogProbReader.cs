using System.Numerics.Tensors;
using System.Text;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Reads off logits how likely tokens are.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="tokenizer">Says what the tokens are.</param>
/// <param name="top">How many of the likeliest are named beside the one that was picked.</param>
internal sealed class LogProbReader(HuggingFaceTokenizer tokenizer, int top)
{
    private readonly LikeliestTokens _likeliest = new();

    /// <summary>The picked token with the likeliest ones in its place.</summary>
    /// <param name="logits">(V), finite, as the model gave them.</param>
    /// <param name="picked">Its id.</param>
    public TokenLogProb Of(ReadOnlySpan<float> logits, int picked)
    {
        double normaliser = LogSumExp(logits);
        ReadOnlySpan<int> likeliest = top == 0 ? [] : _likeliest.Of(logits, top);
        TokenLogProb[] others = new TokenLogProb[likeliest.Length];
        for (int i = 0; i < others.Length; i++)
            others[i] = Token(likeliest[i], logits[likeliest[i]] - normaliser, []);
        return Token(picked, logits[picked] - normaliser, others);
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double highest = TensorPrimitives.Max(logits), sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - highest);
        return highest + Math.Log(sum);
    }

    private TokenLogProb Token(int id, double logProb, IReadOnlyList<TokenLogProb> others)
    {
        byte[] bytes = tokenizer.TokenBytes(id).ToArray();
        return new TokenLogProb
        {
            Id = id, Bytes = bytes, Text = Encoding.UTF8.GetString(bytes), IsSpecial = tokenizer.IsSpecial(id), LogProb = logProb, Top = others,
        };
    }
}
