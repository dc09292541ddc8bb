using System.Globalization;
using MiniMind.MLNet.Dpo.Data.Shapes;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Reads the numbers of a line that options name.</summary>
internal sealed class RowNumbers
{
    private readonly NumberField[] _numbers;
    private readonly RowField[] _fields;
    private readonly RowReader _reader;
    private readonly float[] _values;

    /// <param name="numbers">At least one.</param>
    public RowNumbers(IReadOnlyList<NumberField> numbers)
    {
        _numbers = [.. numbers];
        _fields = [.. numbers.SelectMany(number => number.Fields).Select(field => field.Field).Distinct().Select(name => new RowField(name, FieldShape.Any))];
        (_reader, _values) = (new RowReader(_fields), new float[_numbers.Length]);
    }

    /// <summary>A number of the line that was read last.</summary>
    public float this[int index] => _values[index];

    /// <summary>Reads the numbers of a line.</summary>
    /// <exception cref="PreferenceDataException">One is missing, or is no number that it can be.</exception>
    public void Read(ReadOnlySpan<byte> line, LineLocation at)
    {
        _reader.Read(line, at);
        for (int i = 0; i < _numbers.Length; i++)
        {
            double value = 0;
            int sign = 1;
            foreach ((string option, string name) in _numbers[i].Fields)
            {
                value += sign * Read(option, name, line, at);
                sign = -1;
            }
            if (!(value >= _numbers[i].Least) || !float.IsFinite((float)value))
            {
                throw at.Fault(BadRowReason.WrongType, _numbers[i].Field,
                    string.Create(CultureInfo.InvariantCulture, $"'{_numbers[i].Field}' gives the {_numbers[i].Column.ToLowerInvariant()} {value}; it must "
                        + $"be {(_numbers[i].Least == 0 ? "0 or above" : "a finite number")}."));
            }

            _values[i] = (float)value;
        }
    }

    private double Read(string option, string name, ReadOnlySpan<byte> line, LineLocation at)
    {
        RowField field = Array.Find(_fields, field => field.Name == name)!;
        if (field.Kind == FieldKind.Absent)
        {
            throw at.Fault(BadRowReason.MissingField,
                name, $"'{name}' is {(field.IsNamed ? "null" : "missing")}, which {nameof(PreferenceFileOptions)}.{option} names; every row needs it.");
        }

        string text = field.Kind == FieldKind.Text ? JsonText.Decode(line[field.Json]) : System.Text.Encoding.UTF8.GetString(line[field.Json]);
        return Numbers.Read(text) ?? throw at.Fault(BadRowReason.WrongType, name, $"'{name}' is "
            + $"'{Excerpt.Of(text)}'; {nameof(PreferenceFileOptions)}.{option} names it, and it must be a number.");
    }
}
