using MiniMind.MLNet.Dpo.Tests.Families;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Names as torch's wrappers leave them in files.</summary>
public class WrapperPrefixTests
{
    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("module._orig_mod.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("_fsdp_wrapped_module._orig_mod.")]
    public void Load_WrappedModel_IsTheModel(string prefix)
    {
        foreach (FamilyCase family in (FamilyCase[])[FamilyCases.Qwen2, FamilyCases.Phi3, FamilyCases.MiniMind2Moe])
        {
            using FamilyCheckpoint bare = new(family), wrapped = new(family, prefix: prefix);
            using PretrainedModel one = PretrainedModel.Load(bare.Path), other = PretrainedModel.Load(wrapped.Path);

            foreach (((_, TorchSharp.Modules.Parameter ours), (_, TorchSharp.Modules.Parameter theirs)) in other.Network.Network.named_parameters()
                .Zip(one.Network.Network.named_parameters()))
            {
                ours.equal(theirs).all().item<bool>().Should().BeTrue();
            }
        }
    }

    [Theory]
    [InlineData("module.model.norm.weight", "model.norm.weight")]
    [InlineData("model.layers.0._orig_mod.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight")]
    [InlineData("_orig_mod.model.layers.0._checkpoint_wrapped_module._orig_mod.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight")]
    [InlineData("model.module.weight", "model.module.weight")]
    [InlineData("my_orig_mod.weight", "my_orig_mod.weight")]
    [InlineData("model.modules.weight", "model.modules.weight")]
    public void Bare_Name_LosesWrappersPartsOnly(string name, string bare) => WrapperPrefixes.Bare(name).Should().Be(bare);

    [Fact]
    public void Strip_NameWithAndWithoutPrefix_IsRefused()
    {
        using TemporaryFolder folder = new();
        using (FileStream stream = File.Create(folder.File("a.safetensors")))
        {
            using TorchSharp.torch.Tensor one = TorchSharp.torch.zeros(2), two = TorchSharp.torch.ones(2);
            SafetensorsWriter.Write(stream, [new("model.norm.weight", one), new("module.model.norm.weight", two)], WeightPrecision.Float32);
        }
        using IWeightSource source = WeightFile.Open(folder.File("a.safetensors"));

        Refusal.Assert<WeightFileException>(() => CheckpointTensors.Of(source), folder.File("a.safetensors"), "'model.norm.weight' is there twice");
    }

    [Fact]
    public void Load_InferredShapesOfAWrappedCheckpoint_AreFound()
    {
        FamilyCase family = FamilyCases.MiniMind2;
        using FamilyCheckpoint wrapped = new(family, prefix: "module._orig_mod.");
        File.Delete(Path.Combine(wrapped.Path, "config.json"));

        FluentActions.Invoking(() => PretrainedModel.Load(wrapped.Path)).Should().Throw<WeightFileException>()
            .WithMessage("*do not tell how many heads*64 wide*give a configuration*");
    }
}
