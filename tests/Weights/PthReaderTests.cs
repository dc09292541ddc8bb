using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class PthReaderTests
{
    private static readonly string s_executionMark = Path.Combine(Path.GetTempPath(), "PTH_READER_EXECUTED_CODE");

    [Theory]
    [InlineData("half_torch1.13.pth", "expected_half.safetensors")]
    [InlineData("half_torch2.14.pth", "expected_half.safetensors")]
    [InlineData("bfloat16_torch2.14.pth", "expected_bfloat16.safetensors")]
    [InlineData("float32_shared_storage_ordereddict_torch2.14.pth", "expected_float32.safetensors")]
    [InlineData("views_torch2.14.pth", "expected_views.safetensors")]
    [InlineData("resume_torch2.14.pth", "expected_resume_model_half.safetensors")]
    public void Tensors_GoodFile_AreExactlyTheExpectedOnes(string file, string expectedFile)
    {
        using IWeightSource actual = WeightFile.Open(TestFiles.Golden("pth", "good", file));
        using IWeightSource expected = WeightFile.Open(TestFiles.Golden("pth", expectedFile));

        actual.Should().BeOfType<PthReader>();
        actual.ShouldEqual(expected);
    }

    [Theory]
    [InlineData("half_torch2.14.pth", ScalarType.Float16)]
    [InlineData("bfloat16_torch2.14.pth", ScalarType.BFloat16)]
    [InlineData("float32_shared_storage_ordereddict_torch2.14.pth", ScalarType.Float32)]
    public void Tensors_GoodFile_KeepTheirType(string file, ScalarType type)
    {
        using IWeightSource source = WeightFile.Open(TestFiles.Golden("pth", "good", file));

        source.Tensors.Values.Should().OnlyContain(view => view.Type == type);
    }

    [Fact]
    public void Tensors_SharedStorage_LieAtTheSamePlace()
    {
        using IWeightSource source = WeightFile.Open(TestFiles.Golden("pth", "good", "float32_shared_storage_ordereddict_torch2.14.pth"));

        source.Tensors["lm_head.weight"].Offset.Should().Be(source.Tensors["model.embed_tokens.weight"].Offset);
    }

    [Theory]
    [InlineData("builtins_eval.pth", "eval")]
    [InlineData("os_system_in_dict.pth", "posix.system")]
    [InlineData("os_system_top.pth", "offset 2: the file asks for 'posix.system'")]
    [InlineData("whole_module.pth", "model.model_minimind.MiniMindForCausalLM")]
    [InlineData("garbage_pkl.pth", "a text of 2147483647 bytes")]
    [InlineData("huge_shape.pth", "reaches beyond the 16 elements")]
    [InlineData("negative_offset.pth", "storage offset -4 is negative")]
    [InlineData("missing_storage.pth", "has no entry data/")]
    [InlineData("short_storage.pth", "said to have 32768 elements of Float16, but its entry has 32768 bytes")]
    [InlineData("truncated.pth", "no zip directory")]
    [InlineData("not_a_zip.pth", "neither a zip archive")]
    public void Open_NastyFile_IsRefusedAndNothingRuns(string file, string expected)
    {
        File.Delete(s_executionMark);
        string path = TestFiles.Golden("pth", "nasty", file);

        Refusal.Assert<WeightFileException>(() => WeightFile.Open(path).Dispose(), path, expected);

        File.Exists(s_executionMark).Should().BeFalse("nothing in a file may be executed");
    }

    [Fact]
    public void Open_FormatBeforeTorch16_IsRefusedWithTheRemedy()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("old.pth", [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e, 0x80, 0x02]);

        Refusal.Assert<WeightFileException>(() => WeightFile.Open(path).Dispose(), path, "torch.save(torch.load(path, weights_only=True), path)");
    }
}
