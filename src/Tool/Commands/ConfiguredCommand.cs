using System.CommandLine;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>A command whose options are keys of a configuration: the command line stands over the file, and the file over the defaults.</summary>
internal abstract class ConfiguredCommand : ToolCommand
{
    private readonly Option<string?> _file = new("--config") { Description = "A YAML file with these options as keys", HelpName = "FILE" };
    private readonly Option<bool> _print = new("--print-config")
    {
        Description = "Writes the configuration that would be used, and ends. Each of its keys is an option, too, such as "
            + "--loading.allow-non-finite-weights",
    };

    /// <summary>The command's name and what it does, in a sentence.</summary>
    protected abstract (string Name, string Summary) About { get; }

    /// <summary>What its configuration consists of.</summary>
    public abstract ConfigShape Shape { get; }

    /// <summary>The keys that the help shows; the others are options all the same.</summary>
    protected abstract IReadOnlyList<string> Shown { get; }

    /// <summary>The key that may be given without its name; <see langword="null"/> for none.</summary>
    protected virtual string? Leading => null;

    /// <summary>The options that are no keys.</summary>
    protected virtual IReadOnlyList<Option> Others => [];

    /// <inheritdoc />
    public override Command Create(Func<ParseResult, ToolConsole> consoleOf)
    {
        ListedCommand command = new(About.Name, About.Summary);
        OptionKey[] keys = [.. Shape.Keys.Where(key => !key.IsGroup)];
        Dictionary<string, Option<string[]>> options = keys.ToDictionary(key => key.Name, OptionOf);
        Argument<string[]>? leading = Leading is null ? null
            : new Argument<string[]>(Leading)
            {
                Arity = ArgumentArity.ZeroOrMore, Description = OptionTexts.Of(keys.First(key => key.Name == Leading).Property),
            };
        if (leading is not null)
            command.Arguments.Add(leading);
        foreach (string shown in Shown)
            command.Options.Add(options[shown]);
        foreach (Option option in Others.Append(_file).Append(_print))
            command.Options.Add(option);
        foreach (Option hidden in options.Where(option => !Shown.Contains(option.Key)).Select(option => option.Value))
            command.Options.Add(hidden);
        command.SetAction((parsed, stop) =>
        {
            ToolConsole console = consoleOf(parsed);
            string? file = parsed.GetValue(_file);
            ConfigMap given = file is null ? new ConfigMap([], default) : YamlConfigReader.ReadFile(file);
            foreach (OptionKey key in keys)
            {
                string[] typed = parsed.GetResult(options[key.Name]) is { Implicit: false } ? parsed.GetValue(options[key.Name])! : [];
                string[] led = leading is not null && key.Name == Leading ? parsed.GetValue(leading)! : [];
                if (parsed.GetResult(options[key.Name]) is { Implicit: false } || led.Length > 0)
                    given = given.With([.. key.Path], CommandLineValue.Of(key, [.. led, .. typed]));
            }
            ConfigValues values = Shape.Read(Completed(given));
            if (!parsed.GetValue(_print))
                return RunAsync(parsed, values, console, stop);
            Print(console, values);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>The configuration with what follows from it.</summary>
    protected virtual ConfigMap Completed(ConfigMap given) => given;

    /// <summary>Does it.</summary>
    protected abstract Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop);

    /// <summary>The configuration as a file.</summary>
    protected string FileText(ConfigValues values) => $"# dpo {About.Name}\n{YamlConfigWriter.Write(Shape.Write(values))}";

    private void Print(ToolConsole console, ConfigValues values)
    {
        console.Line(FileText(values).TrimEnd('\n'));
        console.Event("config", new() { ["yaml"] = FileText(values) });
    }

    private Option<string[]> OptionOf(OptionKey key)
    {
        Option<string[]> option = new("--" + key.Name)
        {
            Description = OptionTexts.Of(key.Property), Hidden = !Shown.Contains(key.Name), Arity = ArgumentArity.ZeroOrMore,
            HelpName = CommandLineValue.HelpName(key),
        };
        if (Scalars.Names(CommandLineValue.ItemType(key)) is { } names)
            option.CompletionSources.Add([.. names]);
        return option;
    }
}
