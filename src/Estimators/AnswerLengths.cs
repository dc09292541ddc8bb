using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>
/// Generates greedy answers and measures how long they are. Greedy, so that no random numbers are drawn and the same weights give the same length.
/// </summary>
/// <param name="network">Whose answers.</param>
/// <param name="prompts">Token ids of the prompts, at least one.</param>
/// <param name="mostTokens">Where an answer is cut off.</param>
/// <param name="stopIds">Ids that end an answer.</param>
/// <param name="communicator">Connects the processes that train together; each answers some of the prompts.</param>
internal sealed class AnswerLengths(MiniMindNetwork network, IReadOnlyList<int[]> prompts, int mostTokens, IReadOnlySet<int> stopIds,
    ICommunicator communicator)
{
    private readonly GenerationOptions _options = new() { Temperature = 0, TopP = 1, TopK = 0, MaxNewTokens = mostTokens };

    /// <summary>The mean number of tokens, the stop token included; <see langword="null"/> where it was cancelled, on any process.</summary>
    /// <remarks>Not a number where the weights are none.</remarks>
    public double? Mean(CancellationToken cancellation)
    {
        // packed anew each time, since steps change the weights
        using PackedNetwork? packed = PackedNetwork.Obstacle(network) is null ? new PackedNetwork(network, null) : null;
        using GenerationSession session = new(network, packed is null ? null : new HostDecoder(packed));
        double[] tokens = [0];
        bool whole = true;
        for (int prompt = communicator.Rank; prompt < prompts.Count && whole; prompt += communicator.Size)
        {
            communicator.Activity.Report($"the evaluation, answer {prompt + 1} of {prompts.Count}");
            try
            {
                foreach (int _ in session.Generate(prompts[prompt], _options, stopIds, CancellationToken.None))
                {
                    whole = !cancellation.IsCancellationRequested;
                    if (!whole)
                        break;
                    tokens[0]++;
                }
            }
            catch (NotFiniteNumberException)
            {
                tokens[0] = double.NaN; // the validation's loss is none either, and what then happens is for the guards to say
            }
        }
        return RankSums.Complete(communicator, tokens, whole) ? tokens[0] / prompts.Count : null;
    }
}
