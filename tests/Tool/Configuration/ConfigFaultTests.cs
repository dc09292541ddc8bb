using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Configuration;

public sealed class ConfigFaultTests
{
    [Theory]
    [InlineData("beta: 0.1\nlearning_rate: 1e-6", "run.yaml:2:1: there is no key 'learning_rate'; 'learning-rate' is near.")]
    [InlineData("adapter:\n  rnk: 8", "run.yaml:2:3: there is no key 'rnk'; 'rank' is near.")]
    [InlineData("preparation:\n  MaxLength: 8", "run.yaml:2:3: there is no key 'MaxLength'; 'max-length' is near.")]
    [InlineData("beta: 0.1\nbeta: 0.2", "run.yaml:2:1: 'beta' is there twice, first in line 1.")]
    [InlineData("guards:\n  max-margin: 1\n  max-margin: 1", "run.yaml:3:3: 'max-margin' is there twice, first in line 2.")]
    [InlineData("epochs: 2.0", "run.yaml:1:9: 'epochs' is '2.0'; it must be a whole number.")]
    [InlineData("epochs: 3000000000", "run.yaml:1:9: 'epochs' is '3000000000'; it must be a whole number.")]
    [InlineData("epochs: \"2\"", "run.yaml:1:9: 'epochs' is '2'; it must be a whole number, without quotes.")]
    [InlineData("epochs: [2]", "run.yaml:1:9: 'epochs' is a list; it must be a whole number.")]
    [InlineData("epochs: null", "run.yaml:1:9: 'epochs' is null; it cannot be null; leave it out for the default.")]
    [InlineData("epochs:", "run.yaml:1:8: 'epochs' is null; it cannot be null; leave it out for the default.")]
    [InlineData("beta: 0,1", "run.yaml:1:7: 'beta' is '0,1'; it must be a number.")]
    [InlineData("beta: {a: 1}", "run.yaml:1:7: 'beta' is keys with values; it must be a number.")]
    [InlineData("shuffle: yes", "run.yaml:1:10: 'shuffle' is 'yes'; it must be true or false.")]
    [InlineData("padding: longst", "run.yaml:1:10: 'padding' is 'longst'; it must be none, longest or max-length; 'longest' is near.")]
    [InlineData("padding: 1", "run.yaml:1:10: 'padding' is '1'; it must be none, longest or max-length.")]
    [InlineData("data: pairs.jsonl", "run.yaml:1:7: 'data' is 'pairs.jsonl'; it must be a list, such as [first, second].")]
    [InlineData("adapter: true", "run.yaml:1:10: 'adapter' is 'true'; it must be keys with values.")]
    [InlineData("adapter:\n  layers: [0, one]", "run.yaml:2:15: 'layers' is 'one'; it must be a whole number.")]
    [InlineData("adapter:\n  targets: al-linear", "run.yaml:2:12: 'targets' is 'al-linear'; it must be all-linear, attention, or a list of names such as")]
    [InlineData("loss: sigmiod", "run.yaml:1:7: 'loss' is 'sigmiod'; there is no such choice; 'sigmoid' is near.")]
    [InlineData("loss: {name: robust, smoothing: 0.1}", "run.yaml:1:22: 'robust' has no parameter 'smoothing'; there are label-smoothing.")]
    [InlineData("loss: {label-smoothing: 0.1}", "run.yaml:1:7: 'loss' is keys with values; it must be a name, or a name with parameters such as")]
    [InlineData("loss: {name: mix}", "run.yaml:1:7: 'loss' is keys with values; 'mix' needs the parameter 'parts'.")]
    [InlineData("loss: {name: mix, parts: [sigmoid]}", "run.yaml:1:27: 'parts' is 'sigmoid'; a part has a 'weight' and a 'loss', and nothing else.")]
    [InlineData("loss: {name: robust, label-smoothing: 0.7}", "run.yaml:1:7: 'loss' is keys with values;")]
    [InlineData("optimizer: {name: adam-w, weight-decay: -1}", "run.yaml:1:12: 'optimizer' is keys with values;")]
    [InlineData("schedule: {name: cosine, warmup-steps: 1.5}", "run.yaml:1:40: 'warmup-steps' is '1.5'; it must be a whole number.")]
    [InlineData("device: gpu", "run.yaml:1:9: 'device' is 'gpu'; it must be")]
    [InlineData("device: cuda:-1", "run.yaml:1:9: 'device' is 'cuda:-1'; it must be")]
    [InlineData("checkpoints:\n  every-steps: 5", "run.yaml:2:3: 'folder' is missing, which cannot be left out here.")]
    [InlineData("progress: 1", "run.yaml:1:1: there is no key 'progress'")]
    [InlineData("max-length: 5", "run.yaml:1:1: there is no key 'max-length'")]
    [InlineData("reading: [1]", "run.yaml:1:10: 'reading' is a list; it must be keys with values.")]
    [InlineData("- beta", "run.yaml:1:1: the configuration is a list; it must be keys with values, such as 'beta: 0.1'.")]
    [InlineData("beta: &b 0.1\nlearning-rate: *b", "run.yaml:1:7: '&' names a value for use elsewhere; write values where they belong.")]
    [InlineData("beta: *b", "run.yaml:1:7: '*' stands for a value elsewhere; write the value here.")]
    [InlineData("beta: !!python/object/apply:os.system [ls]", "is a tag; a configuration has plain values only.")]
    [InlineData("beta: !!float 1", "is a tag; a configuration has plain values only.")]
    [InlineData("<<: {beta: 1}", "run.yaml:1:1: there is no key '<<'")]
    [InlineData("beta: 1\n---\nbeta: 2", "a second document begins here; a configuration is one.")]
    [InlineData("beta: [", "this is no YAML")]
    [InlineData("? [a, b]\n: 1", "a key is a list; it must be a name.")]
    [InlineData("\"be\\u001b[31mta\": 1", "there is no key 'be")]
    public void Read_Fault_SaysWhereAndWhatIsRight(string yaml, string message)
    {
        ConfigShape shape = OptionKeysTests.ShapeOf("TrainCommand");

        Action read = () => shape.Read(YamlConfigReader.Read(yaml, "run.yaml"));

        read.Should().Throw<ConfigException>().Which.Message.Should().Contain(message);
    }

    [Fact]
    public void Read_SeveralFaults_NamesAll()
    {
        Action read = () => OptionKeysTests.ShapeOf("TrainCommand").Read(YamlConfigReader.Read("bta: 1\nepochs: x\nadapter: {rnk: 1, alpha: y}", "run.yaml"));

        read.Should().Throw<ConfigException>().Which.Faults.Select(fault => fault.Place.ToString())
            .Should().BeEquivalentTo("run.yaml:1:1", "run.yaml:2:9", "run.yaml:3:11", "run.yaml:3:26");
    }

    [Fact]
    public void Read_NothingButFaults_ListsSomeAtOnce()
    {
        string yaml = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"key-{i}: 1\n")) + new string('k', 1_000) + ": 1\n";

        Action read = () => OptionKeysTests.ShapeOf("TrainCommand").Read(YamlConfigReader.Read(yaml, "run.yaml"));

        ConfigException fault = read.Should().Throw<ConfigException>().Which;
        fault.Faults.Should().HaveCount(51);
        fault.Faults[^1].ToString().Should().Be("run.yaml:51:1: here are more faults, which are not listed.");
    }

    [Fact]
    public void Read_LongTexts_AreShortened() => FluentActions.Invoking(() =>
            OptionKeysTests.ShapeOf("TrainCommand").Read(YamlConfigReader.Read($"epochs: {new string('9', 500_000)}", "run.yaml")))
        .Should().Throw<ConfigException>().Which.Message.Should().HaveLength(121);

    [Fact]
    public void Read_TooDeep_IsRefused()
    {
        string yaml = "loss: " + new string('[', 200) + new string(']', 200);

        FluentActions.Invoking(() => YamlConfigReader.Read(yaml, "run.yaml")).Should().Throw<ConfigException>().WithMessage("*more than 32 deep*");
    }

    [Fact]
    public void ReadFile_TooLarge_IsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("large.yaml", "a: " + new string('x', YamlConfigReader.MaxBytes));

        FluentActions.Invoking(() => YamlConfigReader.ReadFile(path)).Should().Throw<ConfigException>().WithMessage("*more than 1048576 bytes*");
    }
}
