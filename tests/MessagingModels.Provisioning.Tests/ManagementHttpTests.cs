using System.Text;
using MessagingModels.Provisioning.RabbitMq;

namespace MessagingModels.Provisioning.Tests;

public class ManagementHttpTests
{
    [Theory]
    [InlineData("http://alice:secret@rabbit1:15672", "alice:secret")]
    [InlineData("http://alice:se:cret@rabbit1:15672", "alice:se:cret")]
    [InlineData("http://alice:se%3Acret%2F@rabbit1:15672/", "alice:se:cret/")]
    [InlineData("https://al%40home:%C3%A9@rabbit1:15671", "al@home:é")]
    public void The_login_of_the_address_is_sent_whatever_its_password_holds(string address, string login)
    {
        using HttpClient client = ManagementHttp.Create(new Uri(address), authorities: null);

        Assert.Equal(login, Encoding.UTF8.GetString(Convert.FromBase64String(client.DefaultRequestHeaders.Authorization!.Parameter!)));
        Assert.Equal("", client.BaseAddress!.UserInfo);
    }
}
