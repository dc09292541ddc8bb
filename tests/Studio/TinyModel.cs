using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>A tiny untrained model, whose answers are of no meaning, but always the same.</summary>
internal static class TinyModel
{
    /// <summary>Drawn, since the likeliest token of such a model is the same again and again.</summary>
    public static GenerationOptions Defaults { get; } = new() { Temperature = 1, TopP = 1, TopK = 0, Seed = 11, MaxNewTokens = 24 };

    public static PretrainedModel Create(int seed = 1) => PretrainedModel.CreateRandom(new ModelConfig
    {
        VocabularySize = 1024, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 256,
    }, TestFiles.Repository("examples", "QuickStart", "model"), seed);

    public static IChatClient Client(int seed = 1)
    {
        using PretrainedModel model = Create(seed);
        return model.AsChatClient(Defaults);
    }
}
