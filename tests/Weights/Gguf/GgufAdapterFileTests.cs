using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using AdaptedNetwork = MiniMind.MLNet.Dpo.Tests.Modeling.Adapters.AdaptedNetwork;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>GGUF files of adapters, number by number; and what cannot be one.</summary>
public sealed class GgufAdapterFileTests : IDisposable
{
    private static readonly ModelConfig s_config = new() { VocabularySize = 1100, HiddenSize = 32, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, "qwen3")]
    [InlineData(false, "llama")]
    public void SaveGgufAdapter_File_HasKeysAndNumbersInPlace(bool qkNorm, string architecture)
    {
        using PretrainedModel model = SmallModel.Create(config: s_config with { QkNorm = qkNorm }),
            adapted = Adapted(model, new LoraOptions { Rank = 3, Alpha = 9, RankStabilized = true, Targets = LoraTargets.Named("q_proj", "down_proj") });

        adapted.SaveGgufAdapter(_folder.File("adapter.gguf"));

        GgufFile file = new(_folder.File("adapter.gguf"));
        file.Keys.Should().Contain("general.type", "adapter").And.Contain("general.architecture", architecture).And.Contain("adapter.type", "lora")
            .And.Contain("adapter.lora.alpha", (float)(9 * Math.Sqrt(3)), "the runtimes divide it by the rank, and not by its root");
        file.Tensors.Keys.Should().Equal(
            ((string[])["0", "1"]).SelectMany(layer => ((string[])["attn_q", "ffn_down"])
                .SelectMany(part => ((string[])["a", "b"]).Select(side => $"blk.{layer}.{part}.weight.lora_{side}"))));
        LowRankPair query = adapted.Network.Network.Adapter!.Pairs["model.layers.1.self_attn.q_proj"];
        file.Tensors["blk.1.attn_q.weight.lora_a"].Sizes.Should().Equal(32, 3);
        file.Tensors["blk.1.attn_q.weight.lora_b"].Sizes.Should().Equal(3, query.Output);
        file.Numbers("blk.1.attn_q.weight.lora_a").Should().Equal(query.A.data<float>().ToArray().Select(value => (double)value));
        double[] expected = [.. query.B.data<float>().ToArray().Select(value => (double)value)], written = file.Numbers("blk.1.attn_q.weight.lora_b");
        int half = (int)query.Output / 4; // of a head
        for (int row = 0; row < query.Output; row++)
        {
            int within = row % (2 * half), theirs = qkNorm ? row : row - within + (within < half ? 2 * within : (2 * (within - half)) + 1);
            written[(3 * theirs)..(3 * theirs + 3)].Should().Equal(expected[(3 * row)..(3 * row + 3)], $"row {row}");
        }
    }

    [Fact]
    public void SaveGgufAdapter_TrainedPolicies_WriteTheirAdapter()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer pairs = AdapterRun.Fit(context, AdapterRun.Options(model));
        using KtoTransformer feedback = FeedbackAdapterRun.Fit(context, FeedbackAdapterRun.Options(model));
        using PretrainedModel fromPairs = pairs.AsModel(), fromFeedback = feedback.AsModel();
        byte[] Bytes(Action<string> save)
        {
            save(_folder.File("adapter.gguf"));
            return File.ReadAllBytes(_folder.File("adapter.gguf"));
        }

        byte[] one = Bytes(path => pairs.SaveGgufAdapter(path)), two = Bytes(path => feedback.SaveGgufAdapter(path));

        one.Should().Equal(Bytes(path => fromPairs.SaveGgufAdapter(path))).And.NotEqual(two);
        two.Should().Equal(Bytes(path => fromFeedback.SaveGgufAdapter(path)));
    }

    [Fact]
    public void SaveGgufAdapter_WhatRuntimesCannotAdd_IsRefusedAndNothingIsWritten()
    {
        using PretrainedModel model = SmallModel.Create(config: s_config), dora = Adapted(model, new LoraOptions { Rank = 2, Dora = true }),
            large = Adapted(model, new LoraOptions { Rank = 2 });
        using PretrainedModel odd = SmallModel.Create(
            config: s_config with { Experts = new ExpertsConfig { Count = 2, PerToken = 1, IntermediateSize = 32, NormalizeTopK = false } }),
            both = Adapted(odd, new LoraOptions { Rank = 2, Dora = true });
        using (TorchSharp.torch.no_grad())
            large.Network.Network.Adapter!.Pairs.Values.Last().B.fill_(70_000);
        string path = _folder.File("adapter.gguf");

        model.Invoking(m => m.SaveGgufAdapter(path)).Should().Throw<InvalidOperationException>().WithMessage("The model has no adapter.");
        dora.Invoking(m => m.SaveGgufAdapter(path)).Should().Throw<NotSupportedException>().WithMessage("*magnitudes (Dora)*SaveGguf*");
        both.Invoking(m => m.SaveGgufAdapter(path)).Should().Throw<NotSupportedException>().WithMessage("*Dora*norm_topk_prob*");
        large.Invoking(m => m.SaveGgufAdapter(path, GgufType.F16)).Should().Throw<InvalidOperationException>()
            .WithMessage("*'blk.1.ffn_up.weight.lora_b' up to 70000*Save as F32*");
        large.Invoking(m => m.SaveGgufAdapter(path, (GgufType)9)).Should().Throw<ArgumentOutOfRangeException>();
        Directory.GetFiles(_folder.Path).Should().BeEmpty();
        large.SaveGgufAdapter(path);
    }

    private static PretrainedModel Adapted(PretrainedModel model, LoraOptions options) =>
        new(new SharedNetwork(AdaptedNetwork.Trained(model.Network.Network, options)), model.Tokenizer, model.ChatTemplate);
}
