using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>From checkpoint and JSONL to final weights, as the reference's train_dpo.py goes.</summary>
public sealed class EndToEndGoldenTests
{
    [SkippableFact]
    public void Fit_MiniMindPreset_EndsWithTheReferencesWeights()
    {
        string golden = TestFiles.Shared("goldens", "e2e-train");
        string tokenizer = TestFiles.Shared("fetched", "minimind-tokenizer");
        ModelConfig config = new() { HiddenSize = 64, LayerCount = 2, IntermediateSize = 256 };
        MLContext context = new(seed: 42);
        using PretrainedModel model = PretrainedModel.LoadCheckpoint(Path.Combine(golden, "initial_dense.pth"), config, tokenizer);
        IDataView pairs = context.Preferences.LoadFromJsonl(Path.Combine(golden, "dpo.jsonl"));
        PreferencePreparationOptions minimind = PreferencePreparationOptions.MiniMind(maxLength: 256);
        // the golden's run kept think blocks out of chance
        IEstimator<ITransformer> prepare = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions
        {
            MaxLength = minimind.MaxLength, MaskRule = minimind.MaskRule, TemplateOptions = minimind.TemplateOptions, EmptyThinkRatio = 0,
        });

        using DpoTransformer trained = prepare.Append(context.Preferences.Trainers.Dpo(
            DpoTrainer.Options.MiniMind(model, epochs: 2, batchSize: 4, learningRate: 1e-3, maxLength: 256)))
            .Fit(pairs).LastTransformer;

        using DisposeScope scope = torch.NewDisposeScope();
        using PretrainedModel policy = trained.AsModel();
        GoldenTensors expected = new(Path.Combine(golden, "final_dense.safetensors"));
        List<(string name, Parameter parameter)> parameters = policy.Network.Network.named_parameters().ToList();
        torch.Tensor ours = torch.cat([.. parameters.Select(p => p.parameter.flatten())]);
        torch.Tensor theirs = torch.cat([.. parameters.Select(p => expected[p.name].flatten())]);
        TensorAssertions.RelativeDistance(ours, theirs).Should().BeLessThan(1e-5, "that is the golden's tolerance");
    }
}
