using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Generates greedy answers and measures how long they are. Greedy, so that no random numbers are drawn and the same weights give the same length.</summary>
/// <param name="network">Whose answers.</param>
/// <param name="prompts">Token ids of the prompts, at least one.</param>
/// <param name="mostTokens">Where an answer is cut off.</param>
/// <param name="stopIds">Ids that end an answer.</param>
internal sealed class AnswerLengths(MiniMindNetwork network, IReadOnlyList<int[]> prompts, int mostTokens, IReadOnlySet<int> stopIds)
{
    private readonly GenerationOptions _options = new() { Temperature = 0, TopP = 1, TopK = 0, MaxNewTokens = mostTokens };

    /// <summary>The mean number of tokens, the stop token included; <see langword="null"/> where it was cancelled.</summary>
    public double? Mean(CancellationToken cancellation)
    {
        using GenerationSession session = new(network);
        long tokens = 0;
        foreach (int[] prompt in prompts)
        {
            foreach (int _ in session.Generate(prompt, _options, stopIds, CancellationToken.None))
            {
                if (cancellation.IsCancellationRequested) return null;
                tokens++;
            }
        }
        return (double)tokens / prompts.Count;
    }
}
