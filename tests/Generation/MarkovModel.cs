using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>A real network whose likeliest next token depends on the last one alone, in a way that is written down.</summary>
internal static class MarkovModel
{
    /// <summary>Makes the model.</summary>
    /// <param name="tokenizerFolder">Holds the tokenizer's files.</param>
    /// <param name="chain">Ids, each of which follows the one before it; none twice.</param>
    public static PretrainedModel Create(string tokenizerFolder, params int[] chain)
    {
        ModelConfig config = new()
        {
            VocabularySize = 1100, HiddenSize = 64, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 256, TieWordEmbeddings = false,
        };
        PretrainedModel model = PretrainedModel.CreateRandom(config, tokenizerFolder, seed: 3);
        MiniMindNetwork network = model.Network.Network;
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            bool isCleared = ((string[])["o_proj.weight", "down_proj.weight", "lm_head.weight"]).Any(end => name.EndsWith(end, StringComparison.Ordinal));
            if (isCleared)
                parameter.zero_();
        }
        Parameter embedding = network.named_parameters().Single(p => p.name == "model.embed_tokens.weight").parameter;
        for (int i = 0; i + 1 < chain.Length; i++)
            network.HeadWeight[chain[i + 1]].add_(embedding[chain[i]]);
        return model;
    }
}
