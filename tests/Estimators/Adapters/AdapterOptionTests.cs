using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;

/// <summary>Options that cannot act are refused with the reason.</summary>
public sealed class AdapterOptionTests
{
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<LoraOptions, string> Faults => new()
    {
        { new LoraOptions { Rank = 0 }, "*Adapter: Rank is 0*" },
        { new LoraOptions { Alpha = 0 }, "*Adapter: Alpha is 0*" },
        { new LoraOptions { Alpha = double.NaN }, "*Adapter: Alpha is NaN*" },
        { new LoraOptions { Dropout = 1 }, "*Adapter: Dropout is 1*" },
        { new LoraOptions { Dropout = -0.1 }, "*Adapter: Dropout is -0.1*" },
        { new LoraOptions { Targets = LoraTargets.Named() }, "*Targets names no linear layer*" },
        { new LoraOptions { Targets = LoraTargets.Named("lm_head") }, "*Targets has 'lm_head', the head, which is often the embedding's own matrix*" },
        { new LoraOptions { Targets = LoraTargets.Named("embed_tokens") }, "*Targets has 'embed_tokens', the embedding*" },
        { new LoraOptions { Targets = LoraTargets.Named("gate") }, "*Targets has 'gate'; it can have q_proj*" },
        { new LoraOptions { Targets = LoraTargets.Named("q_proj", "q_proj") }, "*Targets has 'q_proj' twice*" },
        { new LoraOptions { Targets = null! }, "*Targets is not set*" },
        { new LoraOptions { Layers = [] }, "*Layers names no decoder layer*" },
        { new LoraOptions { Layers = [2] }, "*Layers has 2; the model's are 0 to 1*" },
        { new LoraOptions { Layers = [-1, 1, 1] }, "*Layers has -1*Layers has 1 twice*" },
        { new LoraOptions { BaseFormat = (FrozenFormat)9 }, "*BaseFormat is 9*" },
        { LoraOptions.Continue, "*LoraOptions.Continue, but Model has no adapter*" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Trainer_AdapterThatCannotBe_IsRefused(LoraOptions adapter, string message)
    {
        using PretrainedModel model = SmallModel.Create();

        FluentActions.Invoking(() => new DpoTrainer(_context, new() { Model = model, Adapter = adapter })).Should().Throw<ArgumentException>()
            .WithMessage(message);
        FluentActions.Invoking(() => new SftTrainer(_context, new() { Model = model, Adapter = adapter })).Should().Throw<ArgumentException>()
            .WithMessage(message);
        FluentActions.Invoking(() => new KtoTrainer(_context, new() { Model = model, Adapter = adapter })).Should().Throw<ArgumentException>()
            .WithMessage(message);
    }

    [Fact]
    public void Trainer_ModelWithAnAdapter_MustBeContinuedOrMerged()
    {
        using PretrainedModel model = SmallModel.Create(), tuned = AdapterRun.FineTuned(_context, model),
            dropping = AdapterRun.FineTuned(_context, model, AdapterRun.Four with { Dropout = 0.2 });
        void ShouldBeRefused(DpoTrainer.Options options, string message) =>
            FluentActions.Invoking(() => new DpoTrainer(_context, options)).Should().Throw<ArgumentException>().WithMessage(message);

        ShouldBeRefused(new() { Model = tuned }, "*Model has an adapter: set Adapter to LoraOptions.Continue*MergeAdapter*");
        ShouldBeRefused(new() { Model = tuned, Adapter = AdapterRun.Four }, "*Model has an adapter: set Adapter to LoraOptions.Continue*");
        ShouldBeRefused(new() { Model = tuned, Adapter = LoraOptions.Continue with { Rank = 8 } }, "*of the other options only EmbedBase*");
        ShouldBeRefused(new() { Model = tuned, Adapter = LoraOptions.Continue with { BaseFormat = FrozenFormat.Int8 } }, "*BaseFormat is Int8*");
        ShouldBeRefused(new() { Model = dropping, Adapter = LoraOptions.Continue, GradientCheckpointing = true },
            "*GradientCheckpointing cannot be had with an adapter that drops 20*");
        ShouldBeRefused(new() { Model = model, Adapter = AdapterRun.Four with { Dropout = 0.2 }, GradientCheckpointing = true },
            "*GradientCheckpointing cannot be had with an adapter that drops 20*");
    }

    [Fact]
    public void Trainer_PartsThatAreFrozen_MustLeaveSomething()
    {
        using PretrainedModel model = SmallModel.Create(), int8 = model.InFormat(FrozenFormat.Int8);
        void ShouldBeRefused(DpoTrainer.Options options, string message) =>
            FluentActions.Invoking(() => new DpoTrainer(_context, options)).Should().Throw<ArgumentException>().WithMessage(message);

        ShouldBeRefused(new() { Model = model, FreezeLayers = -1 }, "*FreezeLayers is -1*");
        ShouldBeRefused(new() { Model = model, FreezeLayers = 2 }, "*FreezeLayers is 2, and the model has 2 decoder layers*");
        ShouldBeRefused(new() { Model = model, FreezeLayers = 1, Adapter = AdapterRun.Four }, "*FreezeLayers is 1, but with Adapter none*LoraOptions.Layers*");
        ShouldBeRefused(new() { Model = int8 }, "*Model keeps its weights in Int8, which steps cannot change; set Adapter*");
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(int8) with { Reference = ReferenceMode.Live });
        AdapterRun.FirstLoss(trained).Should().Be(Math.Log(2));
    }

    [Fact]
    public void Targets_Equal_ByTheirNames()
    {
        LoraTargets.Named("q_proj").Should().Be(LoraTargets.Named("q_proj")).And.NotBe(LoraTargets.Attention);
        LoraTargets.AllLinear.ToString().Should().Be("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj");
    }
}
