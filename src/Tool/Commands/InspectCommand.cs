using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using Spectre.Console;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo inspect</c>: pairs as the model sees them.</summary>
internal sealed class InspectCommand : ConfiguredCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(DataSettings)), new(typeof(ModelSettings)), new(typeof(InspectSettings)), new(typeof(PreferencePreparationOptions), "preparation"),
        new(typeof(PreferenceFileOptions), "reading"), new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("inspect", "Shows pairs as the model sees them: what is trained on, and what is cut.");

    /// <inheritdoc />
    protected override string Leading => "data";

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
        ["model", "count", "tokenizer", "preparation.max-length", "reading.prompt", "reading.chosen", "reading.rejected"];

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        int count = values.Get<InspectSettings>().Count;
        if (count < 0)
            throw new ArgumentException($"'count' is {count}; it must be 0 or more.");
        MLContext context = new();
        RowShapes shapes = RowShapes.Of(context);
        IReadOnlyList<string> files = values.Get<DataSettings>().Required;
        using ModelInput model = ModelInput.Open(context, values.Get<ModelSettings>(), values.Get<ModelLoadOptions>());
        PreferencePreparationOptions options = values.Get<PreferencePreparationOptions>();
        IDataView rows = context.Preferences.LoadFromFile(files, values.Get<PreferenceFileOptions>());
        IDataView prepared = context.Transforms.PreparePreferencePairs(model.Model, options).Fit(rows).Transform(rows);
        int[][] lengths = [Lengths(prepared, options.Columns.ChosenTokenCount), Lengths(prepared, options.Columns.RejectedTokenCount)];
        foreach (string shape in shapes.All)
            console.Line(shape);
        Summarise(lengths, options.MaxLength, shapes, console);
        foreach ((int number, long line, PreparedSide[] sides) in Pairs(prepared, options, model.Model, lengths, count))
            Show(number, line, sides, console);
        return Task.FromResult(ExitCodes.Done);
    }

    private static int[] Lengths(IDataView prepared, string column) => [.. prepared.GetColumn<int>(column)];

    private static void Summarise(int[][] lengths, int most, RowShapes shapes, ToolConsole console)
    {
        int rows = lengths[0].Length;
        int cut = Enumerable.Range(0, rows).Count(row => lengths[0][row] > most || lengths[1][row] > most);
        console.Event("data", new JsonObject
        {
            ["pairs"] = rows, ["cut"] = cut, ["max_length"] = most, ["shapes"] = new JsonArray([.. shapes.All.Select(shape => (JsonNode)shape)]),
        });
        console.Line($"{Words.Count(rows, "pair")}" + (cut == 0 ? "" : $", {cut} of them cut at {most} tokens"));
        if (rows == 0)
            return;
        string[] Row(string name, int[] side) =>
            [name, Text(side.Min()), Text(side.Order().ElementAt(side.Length / 2)), Text(side.Max())];
        foreach (string line in AlignedText.Lines(
            [["tokens", "least", "median", "most"], Row("chosen", lengths[0]), Row("rejected", lengths[1])], numbersFrom: 1))
        {
            console.Line(line);
        }
        console.Line(console.Screen.Profile.Capabilities.Ansi ? "what is trained on is green" : "what is trained on stands between [[ and ]]");
    }

    private static IEnumerable<(int Number, long Line, PreparedSide[] Sides)> Pairs(
        IDataView prepared, PreferencePreparationOptions options, PretrainedModel model, int[][] lengths, int count)
    {
        PairColumns columns = options.Columns;
        long[] lines = prepared.Schema.GetColumnOrNull(columns.LineNumber) is null ? [] : [.. prepared.GetColumn<long>(columns.LineNumber).Take(count)];
        T[][] Column<T>(string name) => [.. prepared.GetColumn<T[]>(name).Take(count)];
        int[][] chosenIds = Column<int>(columns.ChosenInputIds), rejectedIds = Column<int>(columns.RejectedInputIds),
            chosenLabels = Column<int>(columns.ChosenLabels), rejectedLabels = Column<int>(columns.RejectedLabels);
        float[][] chosenMasks = Column<float>(columns.ChosenLossMask), rejectedMasks = Column<float>(columns.RejectedLossMask);
        for (int i = 0; i < chosenIds.Length; i++)
        {
            yield return (i + 1, lines.Length == 0 ? i + 1 : lines[i],
            [
                PreparedSide.Of("chosen", chosenIds[i], chosenLabels[i], chosenMasks[i], lengths[0][i], model.Tokenizer),
                PreparedSide.Of("rejected", rejectedIds[i], rejectedLabels[i], rejectedMasks[i], lengths[1][i], model.Tokenizer),
            ]);
        }
    }

    private static void Show(int number, long line, PreparedSide[] sides, ToolConsole console)
    {
        console.Line();
        console.Line($"pair {number}, line {line}");
        JsonObject fields = new() { ["number"] = number, ["line"] = line };
        foreach (PreparedSide side in sides)
        {
            console.Line($"  {side.Name}: {Words.Count(side.Tokens, "token")}, {side.Trained} trained on{(side.Cut == 0 ? "" : $", {side.Cut} cut off")}");
            ShowText(side, console);
            fields[side.Name] = new JsonObject
            {
                ["tokens"] = side.Tokens, ["trained"] = side.Trained, ["cut"] = side.Cut,
                ["pieces"] = new JsonArray([.. side.Pieces.Select(piece => new JsonObject { ["text"] = piece.Text, ["trained"] = piece.IsTrained })]),
            };
        }
        console.Event("pair", fields);
    }

    private static void ShowText(PreparedSide side, ToolConsole console)
    {
        const string Indentation = "    ";
        bool inColour = console.Screen.Profile.Capabilities.Ansi;
        Paragraph text = new();
        string plain = "";
        foreach ((string piece, bool isTrained) in side.Pieces)
        {
            string visible = VisibleText.Of(piece.Replace("\n", "↵\n", StringComparison.Ordinal));
            text.Append(visible, isTrained ? new Style(Color.Green) : Style.Plain);
            plain += isTrained ? $"[[{visible}]]" : visible;
        }
        if (inColour)
            console.Show(new Padder(text, new Padding(Indentation.Length, 0, 0, 0)));
        else
            console.Line(Indentation + plain.TrimEnd('\n').Replace("\n", "\n" + Indentation, StringComparison.Ordinal));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
