using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class ExportCommandTests(TrainedRuns runs) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("folder", "model")]
    [InlineData("checkpoint", "model.pth")]
    [InlineData("gguf", "model.gguf", "--type", "q8_0", "--gguf.name", "bread")]
    [InlineData("onnx", "model.onnx")]
    public void Export_Model_IsWritten(string format, string name, params string[] options)
    {
        ToolRun run = Export(format, name, ["--model", TestFiles.Model, .. options]);

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().Be($"wrote {_folder.File(name)} ({format})\n");
        Path.Exists(_folder.File(name)).Should().BeTrue();
    }

    [Theory]
    [InlineData("adapter", "adapter")]
    [InlineData("gguf-adapter", "adapter.gguf", "--type", "f32")]
    public void Export_AdapterOfAZip_IsWritten(string format, string name, params string[] options)
    {
        ToolRun run = Export(format, name, ["--model", Path.Combine(runs.Second, "model.zip"), .. options]);

        run.Exit.Should().Be(0, run.Errors);
        Path.Exists(_folder.File(name)).Should().BeTrue();
    }

    [Fact]
    public void Export_EveryKindOfModel_IsTheSameModel()
    {
        string[] folder = ["--model", Path.Combine(runs.First, "model")], zip = ["--model", Path.Combine(runs.First, "model.zip")];
        string[] trained = ["--model", Directory.EnumerateDirectories(Path.Combine(runs.First, "checkpoints")).Max()!, "--tokenizer", TestFiles.Model];
        string[] file = ["--model", Path.Combine(trained[1], "model.safetensors"), "--tokenizer", TestFiles.Model];

        byte[][] written = [.. new[] { folder, zip, trained, file }.Select((model, index) =>
        {
            ToolRun run = Export("folder", $"{index}", model);
            run.Exit.Should().Be(0, run.Errors);
            return File.ReadAllBytes(Path.Combine(_folder.File($"{index}"), "model.safetensors"));
        })];

        written.Should().AllSatisfy(bytes => bytes.AsSpan().SequenceEqual(written[0]).Should().BeTrue());
    }

    [Fact]
    public void Export_AdapterWithItsBase_IsTheMergedModelOfTheZip()
    {
        Export("folder", "a", "--model", Path.Combine(runs.Second, "adapter"), "--base-model", TestFiles.Model).Exit.Should().Be(0);
        Export("folder", "b", "--model", Path.Combine(runs.Second, "model.zip")).Exit.Should().Be(0);

        byte[] a = File.ReadAllBytes(Path.Combine(_folder.File("a"), "model.safetensors")),
            b = File.ReadAllBytes(Path.Combine(_folder.File("b"), "model.safetensors"));
        a.AsSpan().SequenceEqual(b).Should().BeTrue();
    }

    [Theory]
    [InlineData("--type says the number format of the GGUF file: f32, f16, bf16, q8_0.", "gguf")]
    [InlineData("'type' is set, but does nothing for the format 'onnx'; leave it out.", "onnx", "--type", "f32")]
    [InlineData("'layout' is set, but does nothing for the format 'onnx'; leave it out.", "onnx", "--layout", "hugging-face")]
    [InlineData("'gguf' is set, but does nothing for the format 'folder'; leave it out.", "folder", "--gguf.name", "x")]
    [InlineData("has no adapter to write as 'adapter'.", "adapter")]
    [InlineData("--base-model is 'x', but it is for an adapter, and this is a whole model; leave it out.", "folder", "--base-model", "x")]
    public void Export_WhatCannotAct_IsRefused(string message, string format, params string[] options)
    {
        ToolRun run = Export(format, "out", ["--model", TestFiles.Model, .. options]);

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain(message);
        Path.Exists(_folder.File("out")).Should().BeFalse();
    }

    [Fact]
    public void Export_AdapterWithoutItsBase_SaysWhichOne()
    {
        ToolRun run = Export("folder", "out", "--model", Path.Combine(runs.Second, "adapter"));

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain("is an adapter; --base-model MODEL says to which model it belongs");
    }

    [Fact]
    public void Export_CheckpointWithoutTokenizer_SaysWhatIsMissing()
    {
        string weights = Path.Combine(Directory.EnumerateDirectories(Path.Combine(runs.First, "checkpoints")).Max()!, "model.safetensors");

        ToolRun run = Export("folder", "out", "--model", weights);

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain("needs a tokenizer; --tokenizer FOLDER names one");
    }

    private ToolRun Export(string format, string name, params string[] options) =>
        ToolRun.Of(["export", "--format", format, "--output", _folder.File(name), .. options]);
}
