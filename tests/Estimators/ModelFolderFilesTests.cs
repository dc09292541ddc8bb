using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>
/// Model folders whose files are devices, pipes or links: refused with the kind and soon, except for the links that a hub's cache consists of.
/// </summary>
public sealed class ModelFolderFilesTests : IDisposable
{
    private static readonly string[] s_files = ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "model.safetensors"];

    private readonly TemporaryFolder _place = new();
    private readonly string _folder;

    public ModelFolderFilesTests() => _folder = Saved(_place.File("model"));

    public static TheoryData<string, string, string> SpecialFiles
    {
        get
        {
            TheoryData<string, string, string> cases = [];
            foreach (string name in s_files)
            {
                foreach (object[] kind in SpecialFile.Kinds)
                    cases.Add(name, (string)kind[0], (string)kind[1]);
            }
            return cases;
        }
    }

    public void Dispose() => _place.Dispose();

    [SkippableTheory]
    [MemberData(nameof(SpecialFiles))]
    public void Load_SpecialFile_IsRefusedSoonWithItsKind(string name, string kind, string expected)
    {
        SpecialFile.Make(Path.Combine(_folder, name), kind);

        Exception thrown = Refusal.Measured(() => PretrainedModel.Load(_folder, new ModelLoadOptions { AllowLinksOutsideFolder = true }).Dispose())!;

        thrown.Should().Match(e => e is InvalidDataException || e is WeightFileException || e is ModelConfigException);
        thrown.Message.Should().Contain(name).And.Contain(expected);
        Refusal.Measured(() => PretrainedModel.Load(_folder).Dispose())!.Message.Should()
            .Contain(expected, "the kind is said whether or not links are allowed");
    }

    [SkippableTheory]
    [InlineData("model.safetensors.index.json")]
    [InlineData("pytorch_model.bin")]
    [InlineData("full_sft.pth")]
    public void FindAndOpen_OtherWeightsThatAreAPipe_AreRefusedSoon(string name)
    {
        File.Delete(Path.Combine(_folder, "model.safetensors"));
        SpecialFile.Make(Path.Combine(_folder, name), "pipe");

        Refusal.Measured(() => PretrainedModel.Load(_folder).Dispose()).Should().BeOfType<WeightFileException>().Which.Message.Should().Contain("a named pipe");
    }

    [SkippableFact]
    public void Open_ShardThatIsADevice_IsRefusedSoon()
    {
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), """{"weight_map": {"a": "model-00001-of-00001.safetensors"}}""");
        File.Delete(Path.Combine(_folder, "model.safetensors"));
        SpecialFile.Make(Path.Combine(_folder, "model-00001-of-00001.safetensors"), "link to /dev/zero");

        Refusal.Measured(() => PretrainedModel.Load(_folder).Dispose()).Should().BeOfType<WeightFileException>().Which.Message.Should()
            .Contain("a character device");
    }

    [SkippableTheory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("chat_template.jinja")]
    [InlineData("model.safetensors")]
    public void Load_LinkOutOfTheFolder_IsRefusedUnlessAllowed(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        string path = Path.Combine(_folder, name), elsewhere = _place.File("elsewhere-" + name);
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, Path.Combine("..", "elsewhere-" + name));

        FluentActions.Invoking(() => PretrainedModel.Load(_folder).Dispose()).Should().Throw<Exception>()
            .Which.Message.Should().ContainAll(name, "is a link to", FolderLinks.Resolve(elsewhere), nameof(ModelLoadOptions.AllowLinksOutsideFolder));
        PretrainedModel.Load(_folder, new ModelLoadOptions { AllowLinksOutsideFolder = true }).Dispose();
    }

    [SkippableFact]
    public void Load_LinkThroughAFolderThatLeads_OutsideIsRefused()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        string outside = Directory.CreateDirectory(_place.File("outside")).FullName;
        File.Move(Path.Combine(_folder, "tokenizer.json"), Path.Combine(outside, "tokenizer.json"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "inside"), outside);
        File.CreateSymbolicLink(Path.Combine(_folder, "tokenizer.json"), Path.Combine("inside", "tokenizer.json"));

        FluentActions.Invoking(() => PretrainedModel.Load(_folder)).Should().Throw<InvalidDataException>()
            .WithMessage("*tokenizer.json is a link to*outside of*");
    }

    [SkippableFact]
    public void Load_LinksWithinTheFolder_AndALinkToTheFolder_AreFollowed()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.Move(Path.Combine(_folder, "tokenizer.json"), Path.Combine(_folder, "data", "t.json"));
        File.CreateSymbolicLink(Path.Combine(_folder, "tokenizer.json"), Path.Combine("data", "t.json"));
        Directory.CreateSymbolicLink(_place.File("link"), _folder);

        PretrainedModel.Load(_folder).Dispose();
        PretrainedModel.Load(_place.File("link")).Dispose();
    }

    [SkippableFact]
    public void Load_HubsCache_IsFollowedToItsBlobsAndNoFurther()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        string repository = _place.File("models--someone--small"),
            snapshot = Directory.CreateDirectory(Path.Combine(repository, "snapshots", "0123abc")).FullName;
        string blobs = Directory.CreateDirectory(Path.Combine(repository, "blobs")).FullName;
        foreach (string path in Directory.GetFiles(_folder))
        {
            string blob = "hash-of-" + Path.GetFileName(path);
            File.Move(path, Path.Combine(blobs, blob));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(path)), Path.Combine("..", "..", "blobs", blob));
        }

        Directory.CreateSymbolicLink(_place.File("link to a snapshot"), snapshot);
        PretrainedModel.Load(snapshot).Dispose();
        PretrainedModel.Load(_place.File("link to a snapshot")).Dispose();

        string moved = _place.File("secret");
        File.Move(Path.Combine(blobs, "hash-of-tokenizer.json"), moved);
        File.CreateSymbolicLink(Path.Combine(blobs, "hash-of-tokenizer.json"), moved);
        FluentActions.Invoking(() => PretrainedModel.Load(snapshot)).Should().Throw<InvalidDataException>()
            .WithMessage("*tokenizer.json is a link to*secret*outside of*models--someone--small*");
    }

    [SkippableFact]
    public void Load_LinksInACircle_EndClearly()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        File.CreateSymbolicLink(Path.Combine(_folder, "tokenizer.json"), "other");
        File.CreateSymbolicLink(Path.Combine(_folder, "other"), "tokenizer.json");

        FluentActions.Invoking(() => PretrainedModel.Load(_folder)).Should().Throw<Exception>().Which.Should()
            .Match(e => e is InvalidDataException || e is FileNotFoundException);
        FluentActions.Invoking(() => FolderLinks.Resolve(Path.Combine(_folder, "other"))).Should().Throw<InvalidDataException>().WithMessage("*circle*");
    }

    private static string Saved(string folder)
    {
        using PretrainedModel model = SmallModel.Create();
        model.SaveModel(folder);
        return folder;
    }
}
