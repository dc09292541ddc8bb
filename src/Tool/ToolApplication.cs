using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tool;

/// <summary>The command <c>dpo</c>: what stands in its arguments is done, and every fault becomes a line and an exit code.</summary>
internal static class ToolApplication
{
    private const string Welcome = """
        dpo: trains small language models on preferences, on this machine.

          dpo diagnose pairs.jsonl --model MODEL                  what may spoil the data
          dpo train --model MODEL --data pairs.jsonl --test-fraction 0.1 --output RUN
                                                                  trains, and measures on prompts held out
          dpo chat --model RUN/model --reference-model MODEL      talks with it; /reference shows both answers

        MODEL is a folder as Hugging Face and MiniMind ship it. 'dpo forecast' measures which --learning-rate moves it.
        'dpo --help' lists all commands, 'dpo train --help' its options.
        """;

    /// <summary>Does what the arguments say.</summary>
    /// <param name="arguments">Of the command line.</param>
    /// <param name="console">What is written to, and read from.</param>
    /// <param name="stop">Asks for an end.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ToolConsole console, CancellationToken stop)
    {
        RootCommand root = Root(console);
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction fault)
            fault.ShowHelp = false; // the nearest names say more than all of them
        InvocationConfiguration invocation = new()
        {
            Output = console.Output, Error = console.Errors, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
        };
        try
        {
            int code = await parsed.InvokeAsync(invocation, stop);
            return parsed.Errors.Count > 0 && code != ExitCodes.Done ? ExitCodes.BadInput : code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            console.Error("Stopped.");
            return ExitCodes.Stopped;
        }
        catch (Exception refused) when (IsOfInput(refused))
        {
            console.Error(refused.Message);
            return ExitCodes.BadInput;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidOperationException or InsufficientMemoryException
            or DllNotFoundException or TimeoutException)
        {
            console.Error(failure.Message);
            return ExitCodes.Failed;
        }
        catch (Exception failure)
        {
            console.Error(failure.ToString());
            return ExitCodes.Failed;
        }
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root(ToolConsole console)
    {
        RootCommand root = new("Trains small language models on preferences (DPO), and looks at data and results.");
        Option<bool> json = new("--json") { Description = "Writes one JSON object a line, for scripts", Recursive = true };
        root.Options.Add(json);
        root.SetAction(parsed =>
        {
            console.IsJson = parsed.GetValue(json);
            console.Line(Welcome);
            return ExitCodes.Done;
        });
        foreach (ToolCommand command in ToolCommands.All)
        {
            root.Subcommands.Add(command.Create(parsed =>
            {
                console.IsJson = parsed.GetValue(json);
                return console;
            }));
        }
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Aliases.Remove("/?");
        return root;
    }

    private static bool IsOfInput(Exception fault) => fault is ConfigException or ArgumentException or FileNotFoundException or DirectoryNotFoundException
        or PreferenceDataException or InvalidDataException or WeightFileException or ModelConfigException or ChatTemplateException or NotSupportedException
        or FormatException;
}
