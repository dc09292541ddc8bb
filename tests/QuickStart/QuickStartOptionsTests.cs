using MiniMind.MLNet.Dpo.Data;
using QuickStart;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class QuickStartOptionsTests
{
    [Fact]
    public void Parse_Nothing_TakesTheBakery()
    {
        QuickStartOptions options = QuickStartOptions.Parse([]);

        options.Data.Should().BeNull();
        Path.GetFileName(options.Model).Should().Be("model");
        options.LearningRate.Should().Be(4e-5);
    }

    [Fact]
    public void Parse_OwnModel_LearnsMoreSlowly()
    {
        QuickStartOptions.Parse(["--model", "mine"]).LearningRate.Should().Be(2e-6);
        QuickStartOptions.Parse(["--learning-rate", "1e-5", "--model", "mine"]).LearningRate.Should().Be(1e-5, "a given rate counts, wherever it stands");
    }

    [Fact]
    public void Parse_EveryOption_IsTaken()
    {
        QuickStartOptions options = QuickStartOptions.Parse(
            ["--model", "m", "--data", "d.jsonl", "--epochs", "2", "--beta", "0.3", "--batch-size", "4", "--max-length", "99", "--output", "o",
                "--checkpoints", "c"]);

        (options.Model, options.Data, options.Epochs, options.Beta, options.BatchSize, options.MaxLength, options.Output, options.Checkpoints)
            .Should().Be(("m", "d.jsonl", 2, 0.3, 4, 99, "o", "c"));
    }

    [Fact]
    public void Parse_EqualsSign_IsTheSameAsASpace()
    {
        QuickStartOptions options = QuickStartOptions.Parse(["--model=/x", "--data=a=b.jsonl", "--epochs=2", "--output=--o", "--learning-rate=1e-5"]);

        (options.Model, options.Data, options.Epochs, options.Output, options.LearningRate).Should().Be(("/x", "a=b.jsonl", 2, "--o", 1e-5));
    }

    [Fact]
    public void Parse_Fields_NameThoseOfTheRows()
    {
        PreferenceFileOptions options = QuickStartOptions.Parse(
            ["--data", "d.jsonl", "--prompt-field", "q", "--chosen-field", "good", "--rejected-field", "bad", "--system-field", "s", "--history-field", "h",
                "--tools-field", "t", "--ignore-field", "x", "--ignore-field", "y"]).FileOptions;

        (options.Prompt, options.Chosen, options.Rejected, options.System, options.History, options.Tools).Should().Be(("q", "good", "bad", "s", "h", "t"));
        options.IgnoredFields.Should().Equal("x", "y");
    }

    [Theory]
    [InlineData("--epochs 0", "--epochs is '0'; it must be a whole number of at least 1.")]
    [InlineData("--epochs", "--epochs lacks a value.")]
    [InlineData("--model --data x", "--model lacks a value.")]
    [InlineData("--model=", "--model lacks a value.")]
    [InlineData("--speed", "--speed is not an option; --help lists them.")]
    [InlineData("--speed=3", "--speed is not an option; --help lists them.")]
    [InlineData("model", "model is not an option; --help lists them.")]
    [InlineData("-model=/x", "-model=/x is not an option; --help lists them.")]
    [InlineData("--beta -1", "--beta is '-1'; it must be a number above 0, such as 2e-4.")]
    [InlineData("--learning-rate fast", "--learning-rate is 'fast'; it must be a number above 0, such as 2e-4.")]
    [InlineData("--prompt-field q", "--prompt-field names a field of your own data; give it with --data.")]
    [InlineData("--ignore-field q", "--ignore-field names a field of your own data; give it with --data.")]
    [InlineData("--speed 3", "--speed is not an option; --help lists them.")]
    public void Parse_Fault_SaysWhatIsWrong(string arguments, string message)
    {
        Action parse = () => QuickStartOptions.Parse(arguments.Split(' '));

        parse.Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Fact]
    public void Parse_Help_AsksForNothingElse() => QuickStartOptions.Parse(["--epochs", "2", "--help"]).Help.Should().BeTrue();

    [Fact]
    public void Usage_Defaults_AreTheRealOnes()
    {
        QuickStartOptions options = QuickStartOptions.Parse([]);

        QuickStartOptions.Usage.Should().Contain($"(default: {options.Epochs})").And.Contain($"(default: {options.Beta})")
            .And.Contain($"(default: {options.BatchSize})").And.Contain($"(default: {options.MaxLength})")
                .And.Contain("(default: 4e-5; with a model of your own 2e-6)");
    }
}
