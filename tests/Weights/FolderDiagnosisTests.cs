using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Folders that people give where no model is: each error says what is there and what to do.</summary>
public sealed class FolderDiagnosisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("adapter_model.safetensors")]
    [InlineData("adapter_model.bin")]
    [InlineData("adapter_model.safetensors", "model.safetensors")]
    [InlineData]
    public void FindWeights_AdapterFolder_NamesTheBaseAndTheWay(params string[] others)
    {
        Touch(others);
        File.WriteAllText(_folder.File("adapter_config.json"), """{"peft_type": "LORA", "base_model_name_or_path": "jingyaogong/minimind-3", "r": 8}""");

        Find().Should().BeOfType<WeightFileException>().Which.Message.Should()
            .ContainAll(_folder.Path, "adapter (LORA)", "base model 'jingyaogong/minimind-3'", "merge_and_unload()", "not a whole model");
    }

    [Theory]
    [InlineData("{\"peft_type\": 5}")]
    [InlineData("[]")]
    [InlineData("no json")]
    public void FindWeights_AdapterWhoseConfigIsDamaged_IsStillAnAdapter(string config)
    {
        File.WriteAllText(_folder.File("adapter_config.json"), config);
        Find().Message.Should().ContainAll("this is an adapter", "a base model that it does not name");
    }

    [Theory]
    [InlineData("model-q4_k_m.gguf", "*GGUF weights of llama.cpp*safetensors of the same model*")]
    [InlineData("model.onnx", "*an ONNX graph*save_pretrained*")]
    [InlineData("tf_model.h5", "*TensorFlow weights*")]
    [InlineData("flax_model.msgpack", "*Flax weights*")]
    [InlineData("pytorch_model.bin.index.json", "*torch weights in several files*save the model as safetensors*")]
    [InlineData("pytorch_model-00001-of-00002.bin", "*torch weights in several files*")]
    [InlineData("trainer_state.json", "*state of a trainer*without the model*")]
    [InlineData("optimizer.pt", "*state of an optimizer without the model*")]
    [InlineData("global_step100", "*DeepSpeed*zero_to_fp32.py*")]
    [InlineData("consolidated.safetensors", "*Meta's or Mistral's own code*")]
    [InlineData("modules.json", "*sentence-transformers*no head that writes text*")]
    [InlineData("weights.safetensors", "*has no model.safetensors*It has 'weights.safetensors'*LoadCheckpoint*")]
    public void FindWeights_OtherKindOfModel_IsNamed(string name, string expected)
    {
        Touch("config.json", name, "tokenizer.json");
        Find().Message.Should().Match(expected).And.Contain(_folder.Path);
    }

    [Fact]
    public void FindWeights_SentenceTransformersWithWeights_IsRefusedAllTheSame()
    {
        Touch("model.safetensors", "modules.json", "config_sentence_transformers.json");
        Find().Message.Should().Contain("sentence-transformers");
    }

    [Fact]
    public void FindWeights_EmptyFolder_SaysSo() => Find().Should().BeOfType<FileNotFoundException>().Which.Message.Should().Match("*it is empty*download*");

    [Fact]
    public void FindWeights_ModelOneFolderDown_NamesThatFolder()
    {
        Touch("config.json", "minimind-3/model.safetensors", "figures/loss.svg");
        Find().Message.Should().Contain("The model is in its folder 'minimind-3'; load that");

        Touch("other/pytorch_model.bin");
        Find().Message.Should().Contain("Models are in its folders 'minimind-3', 'other'; load one of them");
    }

    [Fact]
    public void FindWeights_RepositoryOfTheHubsCache_NamesTheSnapshot()
    {
        Touch("refs/main", "snapshots/0123abc/model.safetensors", "blobs/ffff");
        Find().Message.Should().Contain($"The model is in its folder '{Path.Combine("snapshots", "0123abc")}'");
    }

    [Fact]
    public void FindWeights_OnlyOtherFiles_ListsThem()
    {
        Touch("config.json", "tokenizer.json");
        Find().Message.Should()
            .Match("*has no model.safetensors, model.safetensors.index.json, pytorch_model.bin or *.pth. It has 'config.json', 'tokenizer.json'.");
    }

    [Theory]
    [InlineData("a.gguf", "GGUF")]
    [InlineData("a.zip", "LoadModel")]
    [InlineData("a.tar", "unpack")]
    [InlineData("full_sft_768.pth", "LoadCheckpoint")]
    [InlineData("config.json", "folder that has config.json")]
    public void FindWeights_FileInsteadOfAFolder_SaysWhatToDo(string name, string expected)
    {
        Touch(name);
        FluentActions.Invoking(() => ModelFolder.FindWeights(_folder.File(name))).Should().Throw<DirectoryNotFoundException>().Which.Message.Should()
            .ContainAll("is a file, not a model's folder", expected);
    }

    [Fact]
    public void FindWeights_NameOnAHub_SaysThatNothingIsDownloaded() =>
        FluentActions.Invoking(() => ModelFolder.FindWeights("jingyaogong/minimind-3")).Should().Throw<DirectoryNotFoundException>()
            .WithMessage("*no folder 'jingyaogong/minimind-3'*download*");

    [Fact]
    public void Open_PointerOfGitLfs_IsNamed()
    {
        string path = _folder.Write("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"u8);
        FluentActions.Invoking(() => WeightFile.Open(path)).Should().Throw<WeightFileException>().WithMessage("*Git LFS pointer*git lfs pull*");
    }

    private void Touch(params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllBytes(_folder.File(name), []);
        }
    }

    private Exception Find() => FluentActions.Invoking(() => ModelFolder.FindWeights(_folder.Path)).Should().Throw<IOException>().Which;
}
