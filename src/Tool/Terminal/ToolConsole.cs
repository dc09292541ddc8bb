using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>Where commands write: lines and pictures for people, or a JSON object a line for scripts. No text commands the terminal.</summary>
internal sealed class ToolConsole
{
    private const int WidthWithoutTerminal = 120;

    private static readonly JsonSerializerOptions s_json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes to given places.</summary>
    /// <param name="output">What was asked for.</param>
    /// <param name="errors">Warnings and errors.</param>
    /// <param name="input">What a person types.</param>
    /// <param name="screen">The output as a terminal, with what it can do.</param>
    public ToolConsole(TextWriter output, TextWriter errors, TextReader input, IAnsiConsole screen) =>
        (Output, Errors, Input, Screen) = (new VisibleWriter(output), new VisibleWriter(errors), input, screen);

    /// <summary>Whether everything is written as JSON.</summary>
    public bool IsJson { get; set; }

    /// <summary>Whether the command at hand ends by itself when it is asked to stop, with what it has; else the process ends.</summary>
    public bool TakesStops { get; set; }

    /// <summary>The output; what would command a terminal is shown as its code.</summary>
    public TextWriter Output { get; }

    /// <summary>Warnings and errors, in the same way.</summary>
    public TextWriter Errors { get; }

    /// <summary>What a person types.</summary>
    public TextReader Input { get; }

    /// <summary>The terminal, for pictures. Texts that are put into them go through <see cref="VisibleText"/> before.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>Whether a picture can be written over.</summary>
    public bool IsLive => !IsJson && Screen.Profile.Capabilities is { Interactive: true, Ansi: true };

    /// <summary>The console of this process.</summary>
    public static ToolConsole OfProcess()
    {
        IAnsiConsole screen = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            screen = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(Console.Out),
            });
            screen.Profile.Width = WidthWithoutTerminal;
        }
        return new ToolConsole(Console.Out, Console.Error, Console.In, screen);
    }

    /// <summary>An object in one line; numbers that JSON does not have are texts.</summary>
    public static string JsonOf(JsonObject fields) => fields.ToJsonString(s_json);

    /// <summary>Writes lines for people.</summary>
    public void Line(string text = "")
    {
        if (!IsJson)
            Output.WriteLine(text);
    }

    /// <summary>Shows a picture to people.</summary>
    public void Show(IRenderable picture)
    {
        if (!IsJson)
            Screen.Write(picture);
    }

    /// <summary>Writes an object for scripts.</summary>
    /// <param name="kind">What it is about, its first field <c>event</c>.</param>
    /// <param name="fields">Its other fields.</param>
    public void Event(string kind, JsonObject fields)
    {
        if (!IsJson)
            return;
        JsonObject line = new() { ["event"] = kind };
        foreach ((string name, JsonNode? value) in fields)
            line[name] = value?.DeepClone();
        Output.WriteLine(JsonOf(line));
        Output.Flush();
    }

    /// <summary>Warns.</summary>
    public void Warn(string message)
    {
        if (IsJson)
            Event("warning", new JsonObject { ["message"] = message });
        else
            Errors.WriteLine($"warning: {message}");
    }

    /// <summary>Says why a command ends.</summary>
    public void Error(string message)
    {
        if (IsJson)
            Event("error", new JsonObject { ["message"] = message });
        Errors.WriteLine(message);
    }
}
