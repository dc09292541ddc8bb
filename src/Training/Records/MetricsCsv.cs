using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Writes <c>metrics.csv</c>: a row per measurement, a column per metric, empty where a measurement has no such metric.</summary>
/// <remarks>A metric that comes up later, such as the first evaluation's, gets a column at the right; the file is then written anew.</remarks>
internal sealed class MetricsCsv(string folder) : IMeasurementFile
{
    public const string FileName = "metrics.csv";

    private readonly AppendedFile _file = new(Path.Combine(folder, FileName));
    private List<string> _columns = [];

    public void CutBack(long step)
    {
        string[] lines = step == 0 ? [] : Encoding.UTF8.GetString(_file.Read()).Split('\n')[..^1]; // what follows the last line end is half a line
        _columns = lines.Length == 0 ? [] : [.. lines[0].Split(',')];
        bool Kept(string line) => line.Count(c => c == ',') == _columns.Count - 1 &&
            long.TryParse(line.AsSpan(0, line.IndexOf(',')), CultureInfo.InvariantCulture, out long at) && at <= step;
        if (_columns is not [MetricsJsonl.StepName, MetricsJsonl.ElapsedName, ..])
            (_columns, lines) = ([], []);
        int rows = lines.Skip(1).TakeWhile(Kept).Count();
        _file.CutTo(lines.Take(_columns.Count == 0 ? 0 : 1 + rows).Sum(line => Encoding.UTF8.GetByteCount(line) + 1));
    }

    public void Append(Measurement measurement)
    {
        bool empty = _file.IsEmpty;
        List<string> columns = [.. empty ? [MetricsJsonl.StepName, MetricsJsonl.ElapsedName] : _columns];
        columns.AddRange(measurement.Values.Keys.Except(columns).ToArray());
        if (empty)
            _file.Replace(Line(columns));
        else if (columns.Count > _columns.Count)
            Widen(columns);
        _columns = columns;
        IEnumerable<string> fields = columns.Select(name => name switch
        {
            MetricsJsonl.StepName => measurement.Step.ToString(CultureInfo.InvariantCulture),
            MetricsJsonl.ElapsedName => NumberText.Text(Math.Round(measurement.Elapsed.TotalSeconds, 3)),
            _ => measurement.Values.TryGetValue(name, out double value) ? NumberText.Text(value) : "",
        });
        _file.Append(Line(fields));
    }

    private void Widen(List<string> columns)
    {
        string more = new(',', columns.Count - _columns.Count);
        IEnumerable<string> rows = Encoding.UTF8.GetString(_file.Read()).Split('\n').Skip(1).SkipLast(1).Select(row => row + more);
        _file.Replace([.. Line(columns), .. rows.SelectMany(row => Line([row]))]);
    }

    private static byte[] Line(IEnumerable<string> fields) => Encoding.UTF8.GetBytes(string.Join(',', fields) + '\n');
}
